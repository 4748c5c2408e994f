"""Write a file whole or not at all."""

from __future__ import annotations

import os
import re
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file that takes the place of `path` at the end of the block.

    If the block raises, or the disk is full, the old file stays and the new one is removed. A folder, and a path in a folder
    that does not exist, are refused before the block, and so is a device or a pipe, which root could replace by a file. As when a file is opened, the target of a link is replaced, not
    the link, and a file keeps its mode.
    """
    if path.exists() and not path.is_file():
        kind, error = ("a folder", IsADirectoryError) if path.is_dir() else ("a device or a pipe", OSError)
        raise error(
            f"A file must be written to the path of a file; got {kind}: {path}. Add the name of a file."
        )
    path = Path(os.path.realpath(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"A file must be written to a folder that exists; got {path}, whose folder does not. Create it first: "
            "`Path(path).parent.mkdir(parents=True)`."
        )
    # Not `tempfile`, whose files only their owner can read: the folder may be shared.
    new = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        with new.open("xb") as file:
            if path.exists():  # before there is content that the old mode may have kept from others
                new.chmod(stat.S_IMODE(path.stat().st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())  # some file systems report a full disk only here
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def remove_unfinished(path: Path) -> None:
    """Remove the files that killed writers of `path` left beside it."""
    path = Path(os.path.realpath(path))
    pattern = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{32}}\.part")
    for one in path.parent.iterdir():
        if pattern.fullmatch(one.name):
            one.unlink(missing_ok=True)


def write_whole(path: Path, content: str | bytes) -> None:
    """Replace the content of a file."""
    with replacing(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def append_whole(path: Path, content: str | bytes) -> None:
    """Append to a file that exists; if that fails, the file is as long as before."""
    rest = memoryview(content.encode() if isinstance(content, str) else content)
    # Without a buffer, which would be written once more when the file is closed.
    with path.open("r+b", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        try:
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except BaseException:
            file.truncate(end)
            raise
