"""Read the files of a record: regular files of bounded size inside its folder, and nothing else."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from seqclf.exceptions import InvalidSequenceError

RESTORE: Final = "Restore the file from its source."
MAX_TEXT_BYTES: Final = 1 << 24  # of a header or of annotations: many times those of a day
MAX_SIGNAL_BYTES: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class RecordFiles:
    """Reads the files of one folder."""

    folder: Path
    digests: dict[str, str] = field(default_factory=dict)  # SHA-256 of each file read

    def read(self, name: str, *, header: str | None = None, max_bytes: int = MAX_TEXT_BYTES) -> bytes:
        """Return the content of a file; `header` is the one that names it.

        The name has no folder: that is checked where it is parsed.
        """
        path = self.folder / name
        if not path.exists():
            named = f", as {header} names it" if header else ""
            raise FileNotFoundError(
                f"{path} must exist{named}; it is missing. Correct the path, or restore the file from its source."
            )
        # Opening a FIFO would block, and reading a device may not end.
        if not path.is_file():
            raise InvalidSequenceError(
                f"{path} must be a regular file; got a folder, FIFO or device. {RESTORE}"
            )
        target = path.resolve()
        if not target.is_relative_to(self.folder.resolve()):
            raise InvalidSequenceError(
                f"{path} must be a file inside its folder; got a link to {target}. Copy the file into the folder."
            )
        with path.open("rb") as file:
            n_bytes = os.fstat(file.fileno()).st_size
            if n_bytes > max_bytes:
                raise InvalidSequenceError(
                    f"{path} must have at most {max_bytes:,} bytes, more than the file of a long record; got {n_bytes:,}. "
                    f"{RESTORE}"
                )
            content = file.read(n_bytes)
        self.digests[name] = hashlib.sha256(content).hexdigest()
        return content
