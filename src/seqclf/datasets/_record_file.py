"""Read a file of a record: a regular file of ordinary size inside its folder, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from seqclf.exceptions import InvalidSequenceError

DOWNLOAD_AGAIN: Final = "Delete it and load again with `download=True`, or download it from PhysioNet."
# Eight times the largest file of the database: bounds the memory that a changed file can take.
MAX_BYTES: Final = 1 << 24


def read_record_file(folder: Path, name: str) -> bytes:
    """Return the content of a file of the folder."""
    path = folder / name
    if not path.exists():
        raise FileNotFoundError(
            f"Record {path.stem} must have the files .hea, .dat and .atr; {path} is missing. "
            "Load with `download=True`, correct `path`, or restrict `records` to those you have."
        )
    # Opening a FIFO would block, and reading a device may not end.
    if not path.is_file():
        raise InvalidSequenceError(
            f"{path} must be a regular file; got a folder, FIFO or device. {DOWNLOAD_AGAIN}"
        )
    target = path.resolve()
    if not target.is_relative_to(folder.resolve()):
        raise InvalidSequenceError(
            f"{path} must be a file inside its folder; got a link to {target}. Copy the file into the folder."
        )
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise InvalidSequenceError(
            f"{path} must have at most {MAX_BYTES:,} bytes, many times the size of the file in the database; got more. "
            f"{DOWNLOAD_AGAIN}"
        )
    return content
