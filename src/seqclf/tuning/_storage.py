"""Open the storage that keeps the trials of a sweep."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqclf._checks import check_integer
from seqclf.tuning._optuna import no_experimental_warnings, require_optuna
from seqclf.tuning._stale_trials import WorkerMonitor, requeue
from seqclf.tuning._storage_checks import check_file, check_url

if TYPE_CHECKING:
    import optuna

MISSED_HEARTBEATS = 3
"""A trial that missed this many heartbeats is stale."""

_MAX_CREATION_ATTEMPTS = 20


def open_storage(storage: str | Path, *, heartbeat: int = 30) -> optuna.storages.BaseStorage:
    """Open or create a storage through which several processes share a sweep.

    Parameters
    ----------
    storage : str or Path
        A journal file for the processes of one host, such as "sweep.journal", or the URL of a database for many hosts, such
        as "postgresql+psycopg://user@host/sweeps".
    heartbeat : int, default=30
        Seconds between the heartbeats of a running trial; databases only. A trial that misses three is failed and its
        parameters are queued again. With a journal file, any process of the sweep notices at once that another one died.

    Returns
    -------
    optuna.storages.BaseStorage

    Raises
    ------
    ValueError
        If the folder of the file does not exist, the file is not a journal (or database), or the URL is wrong or that of a
        database in memory.
    ImportError
        Without Optuna, or the driver of the database.

    Notes
    -----
    While a process works on a sweep, it holds a lock on a file `<journal>.worker-<id>` next to the journal file. A journal
    file is safe on a local disk; over NFS its locks are not reliable (optuna#5138), so use a database there. It keeps its
    records if the disk is full; an unfinished last line, which a killed process may leave, is removed with a warning. SQLite
    is meant for a single process.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from seqclf.tuning import open_storage
    >>> storage = open_storage(Path(tempfile.mkdtemp()) / "sweep.journal")
    """
    require_optuna()
    heartbeat = check_integer("heartbeat", heartbeat)
    if isinstance(storage, str) and "://" in storage:
        return _open_database(storage, heartbeat)
    from seqclf.tuning._journal import JournalFile

    path = Path(storage)
    check_file(path)
    return JournalFile(path)


def _open_database(url: str, heartbeat: int) -> optuna.storages.RDBStorage:
    import optuna
    from sqlalchemy.exc import DBAPIError  # SQLAlchemy is a dependency of Optuna
    from sqlalchemy.pool import NullPool

    check_url(url)
    for attempt in range(_MAX_CREATION_ATTEMPTS):
        try:
            with no_experimental_warnings():
                return optuna.storages.RDBStorage(
                    url,
                    # No connection is kept during training: a cluster may have more processes than a database has connections.
                    engine_kwargs={"poolclass": NullPool},
                    heartbeat_interval=heartbeat,
                    grace_period=MISSED_HEARTBEATS * heartbeat,
                    heartbeat_stale_trial_callback=requeue,
                )
        except DBAPIError as error:
            # Processes that start together on an empty database collide while they create its tables (optuna#1092).
            collided = re.search("exists|duplicate|unique", str(error).lower())
            if not collided or attempt == _MAX_CREATION_ATTEMPTS - 1:
                raise
            time.sleep(0.5)
    raise AssertionError("unreachable")


def as_storage(storage: Any) -> optuna.storages.BaseStorage:
    """Convert a path, a URL or None (memory) to an Optuna storage; return an Optuna storage as is."""
    import optuna

    if storage is None:
        return optuna.storages.InMemoryStorage()
    if isinstance(storage, str | Path):
        return open_storage(storage)
    if isinstance(storage, optuna.storages.BaseStorage):
        return storage
    raise TypeError(
        f"`storage` must be None, a file, the URL of a database or an Optuna storage; got {storage!r}."
    )


def monitor_of(storage: optuna.storages.BaseStorage) -> WorkerMonitor:
    """Return how the death of a worker is noticed with this storage."""
    from optuna.storages import RDBStorage

    from seqclf.tuning._journal import JournalFile

    if isinstance(storage, JournalFile):
        return WorkerMonitor(journal=storage.path)
    return WorkerMonitor(
        heartbeats=isinstance(storage, RDBStorage) and storage.get_heartbeat_interval() is not None
    )
