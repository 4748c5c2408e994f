"""`meet`: a store that holds nothing of earlier starts of the same processes."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from seqclf.exceptions import ProcessFailedError

if TYPE_CHECKING:
    from torch._C._distributed_c10d import Store  # torch.distributed exports it at run time only

_PAUSE = 0.01
_ABSENT = "absent"


def meet(store: Store, rank: int, n_processes: int, *, timeout: float) -> Store:
    """Return a part of the store that is empty, and the same for all processes; wait for them up to `timeout` seconds.

    torchrun keeps its store when it starts processes again, so it holds the addresses and messages of those that ended. No variable
    of the environment tells the starts apart, because each host counts its own. So the first process draws the name of the part, and
    tells it to each other process at a key that only this one has drawn; at the key of its rank there may still be an older one.
    """
    from torch.distributed import PrefixStore  # type: ignore[attr-defined]  # torch has no stub for it

    drawn = secrets.token_hex(8)
    part = drawn
    if rank != 0:
        store.set(_drawn_by(rank), drawn)
        part = _wait_for(_part_for(drawn), store, timeout)
    found: Store = PrefixStore(f"seqclf/{part}", store)
    if rank == 0:
        absent = _invite(store, found, part, n_processes, timeout)
        found.set(_ABSENT, absent)
    else:
        found.set(_joined(rank), "")
        absent = _wait_for(_ABSENT, found, timeout)
    if absent:
        raise _failure(absent, timeout)
    return found


def _invite(store: Store, found: Store, part: str, n_processes: int, timeout: float) -> str:
    """Tell the name of the part to all other processes; return the ranks of those that did not ask for it in time."""
    last = time.monotonic() + timeout
    absent, invited = set(range(1, n_processes)), set()
    while absent and time.monotonic() < last:
        for rank in sorted(absent):
            if found.check([_joined(rank)]):
                absent.remove(rank)
            elif store.check([_drawn_by(rank)]):
                drawn = store.get(_drawn_by(rank)).decode()
                if drawn not in invited:
                    invited.add(drawn)
                    store.set(_part_for(drawn), part)
        time.sleep(_PAUSE if absent else 0)
    return ", ".join(map(str, sorted(absent)))


def _wait_for(key: str, store: Store, timeout: float) -> str:
    """Return what the first process writes."""
    try:
        return store.get(key).decode()  # waits until it is there
    except RuntimeError as error:
        raise _failure("0", timeout) from error


def _failure(absent: str, timeout: float) -> ProcessFailedError:
    return ProcessFailedError(
        f"All processes must enter `distributed` within `timeout`, {timeout:g} s; rank {absent} did not. Did it fail before, does it still "
        "read its data, or can its host not be reached? See the log of torchrun, or pass a longer `timeout`."
    )


def _drawn_by(rank: int) -> str:
    return f"seqclf/drawn by {rank}"


def _part_for(drawn: str) -> str:
    return f"seqclf/part for {drawn}"


def _joined(rank: int) -> str:
    return f"joined/{rank}"
