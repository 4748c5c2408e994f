"""A lock that a worker holds while it lives, so that others notice its death."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


@contextmanager
def identified_worker(journal: Path | None, call: str) -> Iterator[dict[str, Any]]:
    """Yield what identifies this worker, as JSON types; beside a journal file, hold its lock meanwhile.

    The operating system releases the lock when the process ends, however it ends. `call` names the call of `sweep` that
    the worker belongs to.
    """
    worker = {"id": uuid.uuid4().hex, "call": call, "host": socket.gethostname(), "pid": os.getpid()}
    if journal is None:
        yield worker
        return
    from filelock import FileLock

    path = _lock_path(journal, worker)
    try:
        with FileLock(path):
            yield worker
    finally:
        _remove(path)


def is_local(worker: Mapping[str, Any]) -> bool:
    """Return whether a worker runs, or ran, on this host: locks of another host (or container) cannot be relied on."""
    return bool(worker["host"] == socket.gethostname())


def has_died(worker: Mapping[str, Any], journal: Path) -> bool:
    """Return whether a worker of this host no longer holds its lock."""
    from filelock import FileLock, Timeout

    path = _lock_path(journal, worker)
    try:
        with FileLock(path, timeout=0):
            pass
    except Timeout:
        return False
    _remove(path)
    return True


def _lock_path(journal: Path, worker: Mapping[str, Any]) -> Path:
    return journal.with_name(f"{journal.name}.worker-{worker['id']}")


def _remove(path: Path) -> None:
    with suppress(OSError):  # on Windows, somebody may be trying to lock it
        path.unlink()
