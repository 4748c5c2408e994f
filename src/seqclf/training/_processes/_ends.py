"""How each process left the block, in a store that all of them read."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from seqclf.exceptions import ProcessFailedError

if TYPE_CHECKING:
    from torch._C._distributed_c10d import Store  # torch.distributed exports it at run time only

_FAILED, _N_ENDED, _N_LEFT = "failed", "n_ended", "n_left"
_PAUSE = 0.05


class Ends:
    """Reports the end of this process, and reads those of the others.

    Parameters
    ----------
    store : torch.distributed.Store or None
        None if the processes have none: then they cannot read each other's messages.
    rank, n_processes : int
        Which of how many processes this is.
    """

    def __init__(self, store: Store | None, rank: int, n_processes: int) -> None:
        self._store = store
        self._rank = rank
        self._n_processes = n_processes

    def report(self, error: BaseException | None) -> None:
        """Report that this process leaves the block, and its error, unless that is the failure of another process."""
        if self._store is not None and error is not None and not isinstance(error, ProcessFailedError):
            text = f"rank {self._rank} failed: {type(error).__name__}: {error}".removesuffix(": ")
            with suppress(RuntimeError):
                self._store.compare_set(_FAILED, "", text)  # the first one wins
        self._number(_N_ENDED, add=1)

    def failure(self) -> str | None:
        """Return the message of the first process that failed itself."""
        if self._store is None:
            return None
        try:
            return self._store.get(_FAILED).decode() if self._store.check([_FAILED]) else None
        except RuntimeError:
            return None

    def wait(self, seconds: float, *, for_failure: bool) -> str | None:
        """Wait until all processes have left the block, up to some seconds; return the message of one that failed meanwhile."""
        last = time.monotonic() + seconds
        failure = None
        while time.monotonic() < last:
            failure = self.failure() if for_failure else None
            if failure is not None or self._number(_N_ENDED) >= self._n_processes:
                break
            time.sleep(_PAUSE)
        self._number(_N_LEFT, add=1)
        # Without torchrun, the first process holds the store, so it must wait until the others have read it.
        while self._rank == 0 and self._number(_N_LEFT) < self._n_processes and time.monotonic() < last:
            time.sleep(_PAUSE)
        return failure

    def _number(self, name: str, *, add: int = 0) -> int:
        """Return a counter of the store; without one, a number that nobody waits for."""
        try:
            return self._n_processes if self._store is None else self._store.add(name, add)
        except RuntimeError:  # the process that holds the store is gone
            self._store = None
            return self._n_processes
