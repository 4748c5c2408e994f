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
def one_at_a_time(n_steps: int | None, device: torch.device) -> Iterator[None]:
    """Let a short prediction on a CPU wait until those of other threads are done.

    Each operator of torch releases Python's lock and takes it again. Threads that compete for it spend more time waking each
    other than computing: eight threads with predictions of single sequences reached half the throughput of one. The conversion
    of input runs such operators, too: with only the network in turns, threads with one sequence each reached 0.7 to 0.8.

    Parameters
    ----------
    n_steps : int or None
        Steps of all sequences, or an upper bound; a prediction of more than 5,000, or of an unknown number, does not wait.
    device : torch.device
        Where the network runs; only predictions on the CPU wait.

    Examples
    --------
    >>> import torch
    >>> from seqclf.training import one_at_a_time
    >>> with one_at_a_time(187, torch.device("cpu")):
    ...     pass  # convert one sequence and predict it
    """
    if device.type != "cpu" or n_steps is None or n_steps > _FEW_STEPS:
        yield
    else:
        with _turn.lock:
            yield
