"""Check the file or URL of a storage before it is opened."""

from __future__ import annotations

import stat
from pathlib import Path

_SQLITE_HEADER = b"SQLite format 3\0"


def check_file(path: Path) -> None:
    """Raise unless a path is a regular file or can become one: a pipe would block, and a device has no end."""
    if not path.parent.is_dir():
        raise ValueError(
            f"`storage` must be a file in an existing folder, or the URL of a database; got {str(path)!r}. "
            f"Create the folder {str(path.parent)!r} first."
        )
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        kind = "folder" if stat.S_ISDIR(mode) else "pipe, socket or device"
        raise ValueError(
            f"`storage` must be a regular file, or a new one; got the {kind} {str(path)!r}. Pass the name of a file, such as "
            "'sweep.journal'."
        )


def check_url(url: str) -> None:
    """Raise unless a URL is that of a database that other processes can open."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        parsed = make_url(url)
        parsed.get_dialect()
    except (
        ArgumentError,
        NoSuchModuleError,
        ValueError,
    ) as error:  # a ValueError for a port that is not a number
        raise ValueError(
            f"`storage` must be a file or the URL of a database, such as 'sqlite:///sweep.db' or "
            f"'postgresql+psycopg://user@host/sweeps'; got {url!r} ({error})."
        ) from error
    if parsed.get_backend_name() != "sqlite":
        return
    file = parsed.database or ":memory:"
    if ":memory:" in file or parsed.query.get("mode") == "memory":
        raise ValueError(
            f"`storage` must be a database that other processes can open; got {url!r}. Pass None to keep trials in memory, or "
            "name a file: 'sqlite:///sweep.db'."
        )
    if not file.startswith("file:"):  # SQLite's own kind of URL
        _check_sqlite_file(Path(file))


def _check_sqlite_file(path: Path) -> None:
    check_file(path)
    if path.exists():
        with path.open("rb") as file:
            start = file.read(len(_SQLITE_HEADER))
        if start not in (b"", _SQLITE_HEADER):
            raise ValueError(
                f"`storage` must be an SQLite database or a new file; {str(path)!r} begins with {start!r}. To use it as a journal "
                "file, pass its name without 'sqlite:///'."
            )
