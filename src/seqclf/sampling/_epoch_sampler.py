"""Base class of samplers: batches are a function of a seed and the epoch, divided among processes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Sampler

from seqclf._checks import check_integer
from seqclf._random import as_generator


class EpochSampler(Sampler[Tensor], ABC):
    """Base class of samplers that yield batches of indices, reproducibly by seed and epoch.

    A custom sampler implements two methods: `epoch_batches(epoch)`, which returns all batches of an epoch, and `__len__`,
    the number of batches in an epoch. Iterating yields the batches of the current epoch and moves on to the next.

    Parameters
    ----------
    n_samples : int
        Number of samples; indices are 0 to `n_samples - 1`.
    batch_size : int
        Indices per batch, over all processes together.
    generator : torch.Generator or None, default=None
        Used once, to draw the seed of all epochs; None takes entropy from the system.
    rank : int, default=0
        Which of the `num_replicas` processes this is.
    num_replicas : int, default=1
        Number of processes that train together. Every process draws the same batches and yields its share of each,
        ``batch[rank::num_replicas]``, so all need the same seed and every batch at least `num_replicas` indices.

    Raises
    ------
    ValueError, TypeError
        If a number is not an integer or is out of range, or several processes have no common seed.

    See Also
    --------
    ShuffleSampler, BalancedSampler, StratifiedBatchSampler, LengthBucketSampler

    Notes
    -----
    `epoch_batches` must depend on the seed and the epoch only: draw from `generator_of(epoch)` and keep no state, so that
    processes agree and training can resume at any epoch.

    Batches are int64 tensors. ``DataLoader(data, sampler=sampler, batch_size=None)`` indexes `data` with whole batches,
    ``DataLoader(data, batch_sampler=sampler)`` with one index at a time.

    Examples
    --------
    A sampler that draws another half of the samples in each epoch:

    >>> import math
    >>> import torch
    >>> from seqclf.sampling import EpochSampler, LengthBucketSampler
    >>> class HalfSampler(EpochSampler):
    ...     def epoch_batches(self, epoch):
    ...         order = torch.randperm(self.n_samples, generator=self.generator_of(epoch))
    ...         return list(order[: self.n_samples // 2].split(self.batch_size))
    ...
    ...     def __len__(self):
    ...         return math.ceil(self.n_samples // 2 / self.batch_size)
    >>> sampler = HalfSampler(8, batch_size=2, generator=torch.Generator().manual_seed(0))
    >>> [len(batch) for batch in sampler]
    [2, 2]

    The same draws, in batches of similar length:

    >>> lengths = torch.tensor([1, 9, 2, 8, 3, 7, 4, 6])
    >>> bucketed = LengthBucketSampler(sampler, lengths)
    >>> drawn = [lengths[batch].tolist() for batch in bucketed]
    >>> max(drawn[0]) <= min(drawn[1]) or max(drawn[1]) <= min(drawn[0])
    True
    """

    def __init__(
        self,
        n_samples: int,
        *,
        batch_size: int,
        generator: torch.Generator | None = None,
        rank: int = 0,
        num_replicas: int = 1,
    ) -> None:
        self.n_samples: int = check_integer("n_samples", n_samples)
        self.batch_size: int = check_integer("batch_size", batch_size)
        self.num_replicas: int = check_integer("num_replicas", num_replicas)
        self.rank: int = check_integer("rank", rank, least=0)
        self._check_processes()
        if num_replicas > 1 and generator is None:
            raise ValueError(
                "`generator` must be given with `num_replicas` > 1; got None. Use the same seed in every process, or "
                "they draw different batches."
            )
        # One seed for all epochs: any epoch can be drawn without drawing those before it.
        source = as_generator(generator)
        self._seed = int(torch.randint(2**63 - 1, (1,), device="cpu", generator=source))
        self._epoch = 0

    @abstractmethod
    def epoch_batches(self, epoch: int) -> list[Tensor]:
        """Return the batches of an epoch, over all processes together: int64 tensors of indices."""

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of batches in an epoch."""

    def generator_of(self, epoch: int) -> torch.Generator:
        """Return a new generator whose seed depends on the sampler's seed and the epoch only."""
        seed = np.random.SeedSequence([self._seed, epoch]).generate_state(1, np.uint64)[0]
        return torch.Generator("cpu").manual_seed(int(seed >> np.uint64(1)))

    @property
    def epoch(self) -> int:
        """The epoch of the next iteration, counted from 0."""
        return self._epoch

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch of the next iteration, to resume training or to synchronise processes."""
        self._epoch = check_integer("epoch", epoch, least=0)

    def __iter__(self) -> Iterator[Tensor]:
        batches = self.epoch_batches(self._epoch)
        self._epoch += 1
        smallest = min(batches, key=len, default=None)
        if smallest is not None and len(smallest) < self.num_replicas:
            raise ValueError(
                f"Every batch must hold at least {self.num_replicas} indices, one per process; got a batch of "
                f"{len(smallest)}. Let `epoch_batches` of {type(self).__name__} add it to another batch."
            )
        return (batch[self.rank :: self.num_replicas] for batch in batches)

    def _check_processes(self) -> None:
        """Raise unless this is one of the processes, and each can have a share of every batch."""
        if self.rank >= self.num_replicas:
            raise ValueError(f"`rank` must be below `num_replicas`={self.num_replicas}; got {self.rank}.")
        if self.batch_size < self.num_replicas:
            raise ValueError(
                f"`batch_size` counts all processes together and must be at least `num_replicas`={self.num_replicas}; "
                f"got {self.batch_size}."
            )
        if self.n_samples < self.num_replicas:
            raise ValueError(
                f"There must be at least one sample per process; got {self.n_samples} samples for {self.num_replicas} "
                "processes. Use fewer processes."
            )


def split(order: Tensor, batch_size: int, num_replicas: int) -> list[Tensor]:
    """Split the order of an epoch into batches, of the sizes of `batch_sizes`."""
    return list(torch.split(order, batch_sizes(len(order), batch_size, num_replicas)))


def batch_sizes(n_draws: int, batch_size: int, num_replicas: int) -> list[int]:
    """Return the size of each batch of an epoch.

    A remainder that leaves a process fewer than two indices joins the batch before it: batch normalisation needs two.
    """
    whole, rest = divmod(n_draws, batch_size)
    if 0 < rest < 2 * num_replicas and whole:
        return [batch_size] * (whole - 1) + [batch_size + rest]
    return [batch_size] * whole + [rest] * (rest > 0)
