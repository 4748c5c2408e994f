"""A CSV file, compressed or not -> table of numbers; an error names the line that cannot be read."""

from __future__ import annotations

import bz2
import gzip
import lzma
import warnings
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final, NoReturn, TextIO

import numpy as np
from numpy.typing import NDArray

from seqclf.exceptions import InvalidSequenceError

# First bytes of each format: what a file is named does not matter.
_OPEN: Final[dict[bytes, Callable[..., TextIO]]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
}
_DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError)  # what decompression raises


def read_table(path: Path, n_columns: int) -> NDArray[np.float32]:
    """Return the rows of the file, shape (n_rows, n_columns)."""
    try:
        with _open(path, errors="strict") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # numpy only warns about an empty file
            table: NDArray[np.float32] = np.loadtxt(
                file, delimiter=",", dtype=np.float32, ndmin=2, comments=None
            )
    except (ValueError, *_DAMAGED) as error:
        _raise_for_bad_line(path, n_columns, error)
    if not table.size:
        raise InvalidSequenceError(
            f"{path} must contain one row for each beat; it is empty. Download the file again."
        )
    if table.shape[1] != n_columns:
        _raise_for_bad_line(path, n_columns, None)
    return table


def line_of_row(path: Path, row: int) -> int:
    """Return the line, counted from 1, of a row of the table: the file may contain empty lines."""
    return next(islice(_lines(path), row, None))[0]


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Iterate over the lines that are not empty, with their numbers."""
    with _open(path, errors="backslashreplace") as file:
        for number, line in enumerate(file, start=1):
            if text := line.rstrip("\n"):
                yield number, text


def _open(path: Path, errors: str) -> TextIO:
    """Open the file as text in UTF-8, with or without a byte-order mark."""
    with path.open("rb") as file:
        head = file.read(6)
    if head.startswith(b"PK\x03\x04"):
        raise InvalidSequenceError(
            f"{path} must be a CSV file; got a ZIP archive. Extract it, and pass one of its files."
        )
    for first, open_compressed in _OPEN.items():
        if head.startswith(first):
            return open_compressed(path, "rt", encoding="utf-8-sig", errors=errors)
    return path.open(encoding="utf-8-sig", errors=errors)


def _raise_for_bad_line(path: Path, n_columns: int, error: Exception | None) -> NoReturn:
    """Raise for the first line that does not have the right cells; slow, and only for a file that cannot be read."""
    number = 0
    try:
        for number, line in _lines(path):
            _check_line(path, number, line, n_columns)
    except _DAMAGED as damage:
        if isinstance(damage, OSError) and damage.errno is not None:
            raise  # from the operating system, with a clear message
        raise InvalidSequenceError(
            f"{path} must be a complete compressed file; it is truncated or damaged after line {number}: {damage}. "
            "Download the file again."
        ) from error
    raise InvalidSequenceError(f"{path} must be a table of numbers; NumPy reports: {error}.") from error


def _check_line(path: Path, number: int, line: str, n_columns: int) -> None:
    if "\0" in line:
        raise InvalidSequenceError(
            f"{path}: line {number} must be text in UTF-8; got a NUL byte. If the file is in UTF-16, save it as CSV in "
            "UTF-8; otherwise it is damaged: download it again."
        )
    cells = line.split(",")
    if len(cells) != n_columns:
        raise InvalidSequenceError(
            f"{path}: each row must have {n_columns} columns ({n_columns - 1} samples and a label); got {len(cells)} "
            f"in line {number}. Is the file complete, with commas as separators?"
        )
    for column, cell in enumerate(cells, start=1):
        if not _is_number(cell):
            raise InvalidSequenceError(
                f"{path}: every cell must be a number; got {cell[:40]!r} in line {number}, column {column}. "
                "The published files have neither header nor index: save with `header=False, index=False`."
            )


def _is_number(cell: str) -> bool:
    """Return whether NumPy reads the cell as a number: unlike Python, it refuses `1_000` and digits of other scripts."""
    try:
        float(cell)
    except ValueError:
        return False
    return cell.isascii() and "_" not in cell
