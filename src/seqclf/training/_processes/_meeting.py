"""`meet`: a store that holds nothing of earlier starts of the same processes."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from seqclf.exceptions import ProcessFailedError

if TYPE_CHECKING:
    from torch._C._distributed_c10d import Store  # torch.distributed exports it at run time only

_PAUSE = 0.01


def meet(store: Store, rank: int, n_processes: int, *, timeout: float) -> Store:
    """Return a part of the store that is empty, and the same for all processes; wait for them up to `timeout` seconds.

    torchrun keeps its store when it starts processes again, so it holds the addresses and messages of those that ended. No variable
    of the environment tells the starts apart, because each host counts its own. So the first process draws the name of the part, and
    tells it to each other process at a key that only this one has drawn; at the key of its rank there may still be an older one.
    """
    from torch.distributed import PrefixStore  # type: ignore[attr-defined]  # torch has no stub for it

    drawn = secrets.token_hex(8)
    part = _invite(store, drawn, n_processes, timeout) if rank == 0 else _join(store, drawn, rank, timeout)
    found: Store = PrefixStore(f"seqclf/{part}", store)
    return found


def _invite(store: Store, part: str, n_processes: int, timeout: float) -> str:
    last = time.monotonic() + timeout
    absent, invited = set(range(1, n_processes)), set()
    while absent:
        for rank in sorted(absent):
            if store.check([_joined(part, rank)]):
                absent.remove(rank)
            elif store.check([_drawn_by(rank)]):
                drawn = store.get(_drawn_by(rank)).decode()
                if drawn not in invited:
                    invited.add(drawn)
                    store.set(_part_for(drawn), part)
        if absent and time.monotonic() > last:
            ranks = ", ".join(map(str, sorted(absent)))
            raise ProcessFailedError(
                f"All processes must enter `distributed` within `timeout`, {timeout:g} s; rank {ranks} did not. Did it fail before, or does "
                "it still read its data? See the log of torchrun, or pass a longer `timeout`."
            )
        time.sleep(_PAUSE)
    return part


def _join(store: Store, drawn: str, rank: int, timeout: float) -> str:
    store.set(_drawn_by(rank), drawn)
    try:
        part = store.get(_part_for(drawn)).decode()  # waits until it is there
    except RuntimeError as error:
        raise ProcessFailedError(
            f"All processes must enter `distributed` within `timeout`, {timeout:g} s; rank 0 did not, or its host cannot be reached "
            f"({error!s:.200}). Did it fail before, or does it still read its data? See the log of torchrun, or pass a longer `timeout`."
        ) from error
    store.set(_joined(part, rank), "")
    return part


def _drawn_by(rank: int) -> str:
    return f"seqclf/drawn by {rank}"


def _part_for(drawn: str) -> str:
    return f"seqclf/part for {drawn}"


def _joined(part: str, rank: int) -> str:
    return f"seqclf/{part}/joined/{rank}"
