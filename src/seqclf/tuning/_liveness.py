"""Is the process that runs a trial still there?"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

Presence = Literal["here", "gone", "unknown"]


_calls: set[str] = set()
"""What this process is doing at the moment."""


@contextmanager
def at_work() -> Iterator[dict[str, Any]]:
    """Yield what tells this process, and what it does within the block, from any other, as JSON types."""
    call = uuid.uuid4().hex
    _calls.add(call)
    try:
        yield {
            "host": socket.gethostname(),
            "boot": _boot(),
            "view": _view(),
            "pid": os.getpid(),
            "started": _start_of(os.getpid()),
            "call": call,
        }
    finally:
        _calls.discard(call)


def presence_of(process: Mapping[str, Any]) -> Presence:
    """Return what can be known of a process that once ran, on this host or another.

    One from before this host was started is gone. Of another host's nothing can be known, nor of another container's, in which
    numbers mean other processes.
    """
    if process["boot"] != _boot():
        return "gone" if process["host"] == socket.gethostname() else "unknown"
    if process["view"] != _view():
        return "unknown"
    pid = int(process["pid"])
    if pid == os.getpid() and process["call"] not in _calls:
        return "gone"  # it is here, and does something else now
    if os.name == "nt":  # there the signal is no question, but Ctrl-C
        return "here" if pid == os.getpid() else "unknown"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "gone"
    except PermissionError:  # somebody else's, whoever that is
        if process["started"] is None:
            return "unknown"
    # The number may have been given to a younger process; and one that ended but was not waited for has no start.
    same = process["started"] is None or process["started"] == _start_of(pid)
    return "here" if same else "gone"


def _boot() -> str:
    """Return what is the same until the host is started again; its name where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return socket.gethostname()


def _view() -> str:
    """Return within what the numbers of processes mean the same."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def _start_of(pid: int) -> str | None:
    """Return when a process began, in ticks since the host did; None for a dead one, and where /proc is not."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    state, started = fields[0], fields[19]
    return None if state in "ZX" else started
