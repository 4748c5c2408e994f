"""A journal file that survives a full disk. Imports Optuna: import this module only where a storage is opened."""

from __future__ import annotations

import errno
import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from optuna.storages import JournalStorage
from optuna.storages.journal import BaseJournalBackend, JournalFileOpenLock

from seqclf._files import append_whole
from seqclf.exceptions import SeqclfWarning

_STALE_LOCK_SECONDS = 10
"""The lock of the file is held for one write at a time; the holder of an older one has died."""

_START = b'{"op_code":'
"""How Optuna begins each line."""

_MAX_SHOWN = 60

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class JournalFile(JournalStorage):
    """Optuna's journal, in a file. Workers on the same host find each other's locks through its path."""

    def __init__(self, path: Path) -> None:
        lines = JournalLines(path)
        try:
            super().__init__(lines)
        except (
            KeyError,
            TypeError,
            AttributeError,
            IndexError,
            AssertionError,
            json.JSONDecodeError,
        ) as error:
            # Each line is JSON, but Optuna cannot replay them.
            raise lines.unreadable(lines.n_read, f"{type(error).__name__}: {error}") from error
        self.path = path.absolute()


class JournalLines(BaseJournalBackend):
    """The lines of a journal file, one JSON record each.

    Unlike Optuna's own backend, it repairs a file whose last line is unfinished, and it never leaves such a line.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = JournalFileOpenLock(str(path), grace_period=_STALE_LOCK_SECONDS)
        self.n_read, self._end = 0, 0  # lines read so far, and where the last of them ends
        with path.open("a+b") as file:  # creates the file
            file.seek(0)
            start = file.read(_MAX_SHOWN)
        if not _begins_record(start):  # a large file of another kind may be a single line
            raise self.unreadable(1, _shown(start.partition(b"\n")[0]))

    def read_logs(self, log_number_from: int) -> Iterator[dict[str, Any]]:
        """Yield the records after the first `log_number_from`; an unfinished last line is not a record yet."""
        if log_number_from != self.n_read:
            self.n_read, self._end = 0, 0
        with self._path.open("rb") as file:
            file.seek(self._end)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self.n_read += 1
                self._end += len(line)
                record = self._record(line)
                if self.n_read > log_number_from:
                    yield record

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Append records, all or none."""
        text = "".join(json.dumps(log, separators=(",", ":")) + "\n" for log in logs)
        with self._locked():
            self._cut_unfinished_line()
            try:
                append_whole(self._path, text)
            except OSError as error:
                if error.errno not in _FULL:
                    raise
                advice = "the journal keeps the records it had; free some space and repeat the call"
                raise OSError(error.errno, f"{error.strerror}: {advice}", str(self._path)) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()

    def _cut_unfinished_line(self) -> None:
        """Remove what a process that was killed, or a full disk, left of a line: the next record would continue it."""
        with self._path.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            end = _end_of_last_line(file, size)
            if end == size:
                return
            file.seek(end)
            line = file.read()
            if not _begins_record(line):
                file.seek(0)
                raise self.unreadable(sum(1 for _ in file), _shown(line))
            file.truncate(end)
        warnings.warn(
            f"The last line of {str(self._path)!r} was unfinished and has been removed: {_shown(line)}. A process was killed "
            "while it wrote the line, or the disk was full; all complete records are kept.",
            SeqclfWarning,
            stacklevel=2,
        )

    def _record(self, line: bytes) -> dict[str, Any]:
        try:
            record = json.loads(line)
        except ValueError as error:  # also of text that is not UTF-8
            raise self.unreadable(self.n_read, _shown(line)) from error
        if not isinstance(record, dict) or "op_code" not in record:
            raise self.unreadable(self.n_read, _shown(line))
        return record

    def unreadable(self, number: int, found: str) -> ValueError:
        """Return the error for a line that is not a record of a journal."""
        advice = (
            "Is it the journal of a sweep?"
            if number <= 1
            else "Remove the line to keep the others, or use a copy."
        )
        return ValueError(
            f"Each line of a journal must be a record of Optuna; line {number} of {str(self._path)!r} is not: {found}. {advice}"
        )


def _begins_record(line: bytes) -> bool:
    """Return whether a line, or what was written of it, may be a record."""
    return line[: len(_START)] == _START[: len(line)]


def _end_of_last_line(file: Any, size: int) -> int:
    """Return where the last complete line ends; 0 if there is none."""
    block = 1 << 16
    for start in range((size - 1) // block * block, -1, -block) if size else ():
        file.seek(start)
        if (at := file.read(min(block, size - start)).rfind(b"\n")) >= 0:
            return int(start + at + 1)
    return 0


def _shown(line: bytes) -> str:
    text = line.decode(errors="replace").rstrip("\n")
    return repr(text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "...")
