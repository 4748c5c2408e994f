"""Short predictions of several threads, one after another."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_FEW_STEPS = 5_000
"""Steps of a prediction that is short: most of its time is Python, which runs on one thread at a time anyway."""


class _Turn:
    """A lock that a forked child finds open: the thread that held it does not exist there."""

    def __init__(self) -> None:
        self._renew()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._renew)

    def _renew(self) -> None:
        self.lock = threading.RLock()  # a network may use another estimator


_turn = _Turn()


@contextmanager
def one_at_a_time(n_steps: int, device: torch.device) -> Iterator[None]:
    """Let a short prediction on a CPU wait until those of other threads are done.

    Each operator of torch releases Python's lock and takes it again. Threads that compete for it spend more time waking each
    other than computing: eight threads with predictions of single sequences reached half the throughput of one.
    """
    if device.type != "cpu" or n_steps > _FEW_STEPS:
        yield
    else:
        with _turn.lock:
            yield
