"""Batches that hold every class."""

from __future__ import annotations

from bisect import bisect_left
from math import ceil

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from seqclf.sampling._classes import classes_of
from seqclf.sampling._epoch_sampler import EpochSampler


class StratifiedBatchSampler(EpochSampler):
    """Draw batches in which every class appears in proportion to its frequency, and at least once.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Class of each sample.
    batch_size : int
        Maximum number of indices per batch, over all processes together; at least the number of classes.
    generator, rank, num_replicas
        As in `ShuffleSampler`.

    Raises
    ------
    ValueError, TypeError
        If a parameter is out of range, `y` does not hold one class per sample, or a batch cannot hold every class.

    Notes
    -----
    Every sample is drawn at least once per epoch. Samples of a class that is smaller than the number of batches are repeated,
    all equally often up to one; those of other classes are drawn exactly once. Batch sizes differ by at most one.

    Examples
    --------
    >>> import torch
    >>> from seqclf.sampling import StratifiedBatchSampler
    >>> y = torch.tensor([0] * 18 + [1] * 2)
    >>> sorted(y[batch].bincount().tolist() for batch in StratifiedBatchSampler(y, batch_size=6))
    [[4, 1], [4, 1], [5, 1], [5, 1]]
    """

    def __init__(
        self,
        y: ArrayLike,
        *,
        batch_size: int,
        generator: torch.Generator | None = None,
        rank: int = 0,
        num_replicas: int = 1,
    ) -> None:
        classes = classes_of(y)
        super().__init__(
            len(classes.codes),
            batch_size=batch_size,
            generator=generator,
            rank=rank,
            num_replicas=num_replicas,
        )
        self._classes = classes
        self._n_batches = _number_of_batches(self._classes.counts, self.batch_size)
        n_draws = int(self._classes.counts.clamp(min=self._n_batches).sum())
        if n_draws // self._n_batches < self.num_replicas:
            raise ValueError(
                f"Every batch must hold an index for each of the {self.num_replicas} processes; got {n_draws} indices in "
                f"{self._n_batches} batches. Use fewer processes."
            )

    def epoch_batches(self, epoch: int) -> list[Tensor]:
        """Return the batches of an epoch, over all processes together."""
        generator = self.generator_of(epoch)
        shuffled = self._classes.members(torch.randperm(self.n_samples, device="cpu", generator=generator))
        drawn = [
            members if len(members) >= self._n_batches else _repeat(members, self._n_batches, generator)
            for members in torch.split(shuffled, self._classes.counts.tolist())
        ]
        # Sorted by class and dealt out in turn: each batch gets its share of every class, at least one index.
        order = torch.cat(drawn)
        firsts = torch.randperm(self._n_batches, device="cpu", generator=generator).tolist()
        return [order[first :: self._n_batches] for first in firsts]

    def __len__(self) -> int:
        return self._n_batches


def _repeat(members: Tensor, n: int, generator: torch.Generator) -> Tensor:
    """Return `n` draws from consecutive shuffles of all members."""
    rounds = ceil(n / len(members))
    keys = torch.rand(rounds, len(members), dtype=torch.float64, device="cpu", generator=generator)
    return members[keys.argsort(dim=1)].flatten()[:n]


def _number_of_batches(counts: Tensor, batch_size: int) -> int:
    """Return the smallest number of batches of at most `batch_size` that can all hold every class."""
    if batch_size < len(counts):
        raise ValueError(
            f"`batch_size` must be at least {len(counts)}, the number of classes, so that every batch can hold each; "
            f"got {batch_size}."
        )
    # Monotonic, so bisect: another batch adds `batch_size` places, but at most one draw per class.
    return 1 + bisect_left(
        range(1, int(counts.max()) + 1),
        True,
        key=lambda n_batches: int(counts.clamp(min=n_batches).sum()) <= n_batches * batch_size,
    )
