"""A text file of the time series archive -> its lines, whose errors name the file and the line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from seqclf.exceptions import InvalidSequenceError

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is neither empty nor a comment."""

    path: Path
    number: int  # counted from 1
    text: str

    def error(self, message: str) -> InvalidSequenceError:
        """Return an error that begins with the file and the line."""
        return InvalidSequenceError(f"{self.path}, line {self.number}: {message}")


@contextmanager
def archive_lines(
    path: str | PathLike[str], *, comments: tuple[bytes, ...] = (), blanks: str | None = None
) -> Iterator[tuple[Path, Iterator[Line]]]:
    """Open a file; yield its path, and an iterator over the lines that do not begin with a comment sign.

    `blanks` are the signs that are stripped from a line; None is any white space.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(
            f"`path` must be an existing file; got {path}. Is the folder right, and the archive extracted?"
        )
    # Opening a FIFO would block, and reading a device may not end.
    if not path.is_file():
        raise ValueError(
            f"`path` must be a regular file; got {path}, a folder, FIFO or device. Pass the file itself."
        )
    with path.open("rb") as file:
        yield path, _lines(path, file, comments, blanks)


def _lines(path: Path, file: BinaryIO, comments: tuple[bytes, ...], blanks: str | None) -> Iterator[Line]:
    for number, raw in enumerate(file, start=1):
        if number == 1:
            raw = raw.removeprefix(_BYTE_ORDER_MARK)
        if b"\0" in raw:
            raise InvalidSequenceError(
                f"{path}, line {number}: a line must be text in UTF-8; got a NUL byte. If the file is in UTF-16 or "
                "compressed, convert or extract it; otherwise it is damaged: download it again."
            )
        # Comments are not decoded: some in the archive are in Latin-1.
        if not raw.lstrip().startswith(comments):
            text = _decoded(path, number, raw.rstrip(b"\r\n"))
            if text.strip():
                yield Line(path, number, text.strip(blanks))


def _decoded(path: Path, number: int, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidSequenceError(
            f"{path}, line {number}: a line must be text in UTF-8; got byte 0x{content[error.start]:02x} at position "
            f"{error.start + 1}. Save the file in UTF-8, extract it if it is compressed, or download it again."
        ) from None
