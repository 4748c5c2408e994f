"""What a call may do besides its result: run no code, and use little memory and time."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MEGABYTE = 1 << 20
RUNS_CODE = {
    *("exec", "compile", "import", "code.__new__", "marshal.load", "marshal.loads", "pickle.find_class"),
    *("os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "subprocess.Popen"),
    *("ctypes.dlopen", "socket.connect", "socket.bind", "socket.getaddrinfo", "urllib.Request"),
    *("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.truncate"),
}
"""Audit events that reading a file must not cause; opening another file to write is one more."""

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_seen: list[str] | None = None  # events of the present block


class ForbiddenError(BaseException):
    """Raised in place of what is forbidden; no handler of errors catches it."""


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _seen is None:
        return
    writes = event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & _WRITES)
    if event in RUNS_CODE or writes:
        _seen.append(f"{event} {arguments!r:.200}")
        raise ForbiddenError(_seen[-1])


@contextmanager
def no_code_runs() -> Iterator[None]:
    """Raise AssertionError if code runs, a module is imported or a file is written inside the block."""
    global _seen
    if _hook not in _installed:
        sys.addaudithook(_hook)
        _installed.append(_hook)
    events: list[str] = []
    _seen = events
    try:
        yield
    except ForbiddenError:
        pass
    finally:
        _seen = None
    if events:
        raise AssertionError(f"code was run: {events}")


_installed: list[Any] = []  # hooks cannot be removed


@contextmanager
def little_memory(more: int) -> Iterator[None]:
    """Raise AssertionError if the block asks for more address space than there is now and `more` bytes."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    limit = now + more if before[1] == resource.RLIM_INFINITY else min(now + more, before[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        yield
    except Exception as error:
        if any(isinstance(one, MemoryError) or "allocate" in str(one) for one in _chain(error)):
            raise AssertionError(f"asked for much memory: {error!s:.300}") from error
        raise
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those that it was raised for."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@contextmanager
def little_time(seconds: float) -> Iterator[None]:
    """Raise AssertionError if the block takes more processor time on this thread."""
    before = time.thread_time()
    yield
    taken = time.thread_time() - before
    if taken > seconds:
        raise AssertionError(f"took {taken:.1f} s of processor time")
