"""A journal file whose path is known. Imports Optuna: import this module only where a storage is opened."""

from __future__ import annotations

from pathlib import Path

from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

_STALE_LOCK_SECONDS = 10
"""The lock of the file is held for one write at a time; the holder of an older one has died."""


class JournalFile(JournalStorage):
    """Optuna's journal file. Workers on the same host find each other's locks through its path."""

    def __init__(self, path: Path) -> None:
        lock = JournalFileOpenLock(str(path), grace_period=_STALE_LOCK_SECONDS)
        super().__init__(JournalFileBackend(str(path), lock_obj=lock))
        self.path = path.absolute()
