"""Where a sweep keeps its trials."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqclf._checks import check_integer
from seqclf.tuning._optuna import expected_experiments, require_optuna
from seqclf.tuning._state import Watch, retry

if TYPE_CHECKING:
    import optuna

GRACE = 3
"""Heartbeats that may be missed before a trial counts as dead."""

_LONGEST_LOCK = 10
"""Seconds after which the lock of a file counts as left behind."""


def open_storage(storage: str | Path, *, heartbeat: int = 30) -> optuna.storages.BaseStorage:
    """Open, or make, the place where processes share the trials of sweeps.

    Parameters
    ----------
    storage : str or Path
        A file for the processes of one host, such as "sweep.journal", or the URL of a database for many hosts, such as
        "postgresql+psycopg://user@host/sweeps".
    heartbeat : int, default=30
        Seconds between two signs of life of a trial, of a database only. One that misses three counts as dead and is tried
        again. In a file, a dead process is found by the next one that looks for a trial.

    Returns
    -------
    optuna.storages.BaseStorage

    Raises
    ------
    ValueError
        If the folder of the file does not exist, or the database is one in memory.
    ImportError
        Without Optuna, or the driver of the database.

    Notes
    -----
    A journal file is safe on a local disk. Over NFS its lock is not reliable (optuna#5138): use a database there. SQLite
    is meant for one process.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from seqclf.tuning import open_storage
    >>> storage = open_storage(Path(tempfile.mkdtemp()) / "sweep.journal")
    """
    require_optuna()
    import optuna

    check_integer("heartbeat", heartbeat)
    if isinstance(storage, str) and "://" in storage:
        if storage.endswith("://") or ":memory:" in storage:
            raise ValueError(
                f"`storage` must be a database that others can open; got {storage!r}. Pass None to keep trials in memory."
            )
        from sqlalchemy.pool import NullPool  # Optuna brings it

        with expected_experiments():
            return optuna.storages.RDBStorage(
                storage,
                # A process that trains keeps no connection: a cluster has more of them than a database has connections.
                engine_kwargs={"poolclass": NullPool},
                heartbeat_interval=heartbeat,
                grace_period=GRACE * heartbeat,
                heartbeat_stale_trial_callback=retry,
            )
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    path = Path(storage)
    # It is held for one line at a time; one held for longer is that of a process that died.
    lock = JournalFileOpenLock(str(path), grace_period=_LONGEST_LOCK)
    if not path.parent.is_dir():
        raise ValueError(
            f"`storage` must be a file in a folder that exists, or the URL of a database; got {str(storage)!r}. "
            f"Make the folder {str(path.parent)!r} first."
        )
    backend = JournalFileBackend(str(path), lock_obj=lock)
    return optuna.storages.JournalStorage(backend)


def as_storage(storage: Any) -> optuna.storages.BaseStorage:
    """Return an Optuna storage: of a file or a URL, in memory for None, or the one that came."""
    import optuna

    if storage is None:
        return optuna.storages.InMemoryStorage()
    if isinstance(storage, str | Path):
        return open_storage(storage)
    if isinstance(storage, optuna.storages.BaseStorage):
        return storage
    raise TypeError(
        f"`storage` must be None, a file, the URL of a database, or an Optuna storage; got {storage!r}."
    )


def watch_of(storage: optuna.storages.BaseStorage) -> Watch:
    """Return how the dead are known among those who share a storage; all who share a file are of one host."""
    from optuna.storages import JournalStorage, RDBStorage
    from optuna.storages.journal import JournalFileBackend

    if isinstance(storage, JournalStorage) and isinstance(storage._backend, JournalFileBackend):
        return "process"
    beats = isinstance(storage, RDBStorage) and storage.get_heartbeat_interval() is not None
    return "heartbeat" if beats else "nobody"
