"""The batches of an epoch: a function of a seed and the epoch's number, shared out over processes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Sampler

from seqclf._checks import check_integer
from seqclf._random import as_generator


class EpochSampler(Sampler[Tensor]):
    """Yields index batches; a sampler says in `epoch_batches` which.

    Every process draws the same batches, and takes its share of each: the processes together see, step by step, what one
    process alone would.
    """

    n_samples: int

    def __init__(
        self, *, batch_size: int, generator: torch.Generator | None, rank: int, num_replicas: int
    ) -> None:
        check_integer("batch_size", batch_size)
        check_integer("num_replicas", num_replicas)
        check_integer("rank", rank, least=0)
        if rank >= num_replicas:
            raise ValueError(f"`rank` must lie below `num_replicas`={num_replicas}; got {rank}.")
        if batch_size < num_replicas:
            raise ValueError(
                f"`batch_size` counts all processes together and must be at least `num_replicas`={num_replicas}; "
                f"got {batch_size}."
            )
        if num_replicas > 1 and generator is None:
            raise ValueError(
                "`generator` must be given with `num_replicas` > 1; got None. Seed it alike in every process, or they "
                "draw different batches."
            )
        self.batch_size = batch_size
        self.rank = rank
        self.num_replicas = num_replicas
        # One seed for all epochs: the fifth can be had without drawing four before it.
        source = as_generator(generator)
        self._seed = int(torch.randint(2**63 - 1, (1,), generator=source))
        self._epoch = 0

    @abstractmethod
    def epoch_batches(self, epoch: int) -> list[Tensor]:
        """Return the batches of an epoch, of all processes together."""

    @abstractmethod
    def __len__(self) -> int: ...

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that comes next: to resume, or to be sure that all processes are at the same."""
        check_integer("epoch", epoch, least=0)
        self._epoch = epoch

    def _generator_of(self, epoch: int) -> torch.Generator:
        """Return the source of randomness of an epoch."""
        seed = np.random.SeedSequence([self._seed, epoch]).generate_state(1, np.uint64)[0]
        return torch.Generator().manual_seed(int(seed >> np.uint64(1)))

    def __iter__(self) -> Iterator[Tensor]:
        batches = self.epoch_batches(self._epoch)
        self._epoch += 1
        return (batch[self.rank :: self.num_replicas] for batch in batches)


def split(order: Tensor, batch_size: int, num_replicas: int) -> list[Tensor]:
    """Cut an epoch's order into batches; a rest too small for all processes joins the last one."""
    sizes = batch_sizes(len(order), batch_size, num_replicas)
    return list(torch.split(order, sizes))


def batch_sizes(n_draws: int, batch_size: int, num_replicas: int) -> list[int]:
    """Return the size of each batch of an epoch."""
    whole, rest = divmod(n_draws, batch_size)
    if 0 < rest < num_replicas and whole:
        return [batch_size] * (whole - 1) + [batch_size + rest]
    return [batch_size] * whole + [rest] * (rest > 0)


def check_enough(n_samples: int, num_replicas: int) -> None:
    """Raise unless there is a sample for each process."""
    if n_samples < num_replicas:
        raise ValueError(
            f"There must be a sample for each of the {num_replicas} processes; got {n_samples} in all. "
            "Use fewer processes."
        )
