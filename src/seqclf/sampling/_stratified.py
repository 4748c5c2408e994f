"""Each class in each batch."""

from __future__ import annotations

from bisect import bisect_left
from math import ceil

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from seqclf.sampling._classes import classes_of
from seqclf.sampling._epochs import EpochSampler


class StratifiedBatchSampler(EpochSampler):
    """Every batch holds every class, in its share of the samples, and at least once.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Class of each sample.
    batch_size : int
        Largest number of indices per batch, of all processes together; at least as many as there are classes.
    generator, rank, num_replicas
        As in `ShuffleSampler`.

    Raises
    ------
    ValueError, TypeError
        If an option is out of its range, `y` does not hold one class per sample, or the classes do not fit in a batch.

    Notes
    -----
    Every sample comes at least once an epoch. A class with fewer samples than there are batches is repeated, each
    sample as often as any other or once more; all others come exactly once. The sizes of the batches differ by one at most.

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
        super().__init__(batch_size=batch_size, generator=generator, rank=rank, num_replicas=num_replicas)
        self._classes = classes_of(y)
        self.n_samples = len(self._classes.codes)
        self._n_batches = _number_of_batches(self._classes.counts, batch_size)
        n_draws = int(self._classes.counts.clamp(min=self._n_batches).sum())
        if n_draws // self._n_batches < num_replicas:
            raise ValueError(
                f"Each of the {num_replicas} processes needs an index of each batch; got {n_draws} indices in "
                f"{self._n_batches} batches. Use fewer processes."
            )

    def epoch_batches(self, epoch: int) -> list[Tensor]:
        """Return the batches of an epoch, of all processes together."""
        generator = self._generator_of(epoch)
        shuffled = self._classes.members(torch.randperm(self.n_samples, generator=generator))
        drawn = [
            members if len(members) >= self._n_batches else _repeat(members, self._n_batches, generator)
            for members in torch.split(shuffled, self._classes.counts.tolist())
        ]
        # Class by class, dealt round like cards: each batch gets its share of every class, and one at least.
        order = torch.cat(drawn)
        firsts = torch.randperm(self._n_batches, generator=generator).tolist()
        return [order[first :: self._n_batches] for first in firsts]

    def __len__(self) -> int:
        return self._n_batches


def _repeat(members: Tensor, n: int, generator: torch.Generator) -> Tensor:
    """Return `n` draws: shuffles of all members, one after another."""
    rounds = ceil(n / len(members))
    keys = torch.rand(rounds, len(members), dtype=torch.float64, generator=generator)
    return members[keys.argsort(dim=1)].flatten()[:n]


def _number_of_batches(counts: Tensor, batch_size: int) -> int:
    """Return the smallest number of batches of at most `batch_size` with each class in each."""
    if batch_size < len(counts):
        raise ValueError(
            f"`batch_size` must be at least the number of classes, {len(counts)}, for each to be in each batch; "
            f"got {batch_size}."
        )
    # With more batches the room grows by `batch_size` each, the draws by one for each class that is repeated: fewer.
    return 1 + bisect_left(
        range(1, int(counts.max()) + 1),
        True,
        key=lambda n_batches: int(counts.clamp(min=n_batches).sum()) <= n_batches * batch_size,
    )
