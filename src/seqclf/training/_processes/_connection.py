"""What the processes of a group exchange: sums, rows and copies of tensors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from seqclf.exceptions import ProcessFailedError
from seqclf.training._processes._ends import Ends


class Connection:
    """Collective operations; if another process fails, they raise an error that says what happened there.

    Parameters
    ----------
    group : torch.distributed.ProcessGroup
        Runs tensors on a CPU with gloo and, where there is a GPU, those on a GPU with nccl.
    rank, n_processes : int
        Which of how many processes this is.
    ends : Ends
        Knows which process failed.
    """

    def __init__(self, group: Any, *, rank: int, n_processes: int, ends: Ends) -> None:
        self._group = group
        self.rank = rank
        self.n_processes = n_processes
        self._ends = ends

    def sum(self, values: Tensor) -> None:
        """Replace a tensor by its sum over all processes, bitwise the same on each."""
        import torch.distributed as dist

        with self._explained():
            dist.all_reduce(values, group=self._group)

    def rows(self, values: Tensor) -> Tensor:
        """Return the tensors of all processes, each of shape (n,), as one of shape (n_processes, n)."""
        table = torch.zeros(self.n_processes, len(values), dtype=values.dtype, device=values.device)
        table[self.rank] = values
        self.sum(table)
        return table

    def copy_first(self, values: Tensor) -> None:
        """Replace a tensor by that of the first process."""
        import torch.distributed as dist

        with self._explained():
            # Groups made of all processes number them as the default group does.
            dist.broadcast(values, src=0, group=self._group)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            raise ProcessFailedError(self._ends.failure() or _lost(error)) from error


def _lost(error: RuntimeError) -> str:
    return (
        "All processes of a group must keep running; one ended without an error message, or did not respond in time "
        f"({error!s:.200}). Was it killed, out of memory, or is its host gone? See the log of torchrun. If it was only slow, "
        "pass a longer `timeout` to `distributed`; if it did not call `fit`, move the call out of `if group.is_main:`."
    )
