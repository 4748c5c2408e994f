"""Batches of sequences of similar length."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from seqclf._checks import check_integer
from seqclf.sampling._epoch_sampler import EpochSampler
from seqclf.sampling._lengths import as_lengths


class LengthBucketSampler(EpochSampler):
    """Rearrange the draws of another sampler into batches of similar length.

    Parameters
    ----------
    sampler : EpochSampler
        Draws the samples of each epoch; `batch_size`, `rank` and `num_replicas` are taken from it.
    lengths : array-like of shape (n_samples,) of int
        Number of steps of each sample.
    pool_size : int, default=50
        Number of batches sorted by length together. With larger pools the lengths in a batch are more similar and the
        batches less random.
    generator : torch.Generator or None, default=None
        Used once, to draw the seed of the batch order.

    Raises
    ------
    ValueError, TypeError
        If `pool_size` is not a positive integer, `lengths` does not hold one integer per sample, or `sampler` is not an
        `EpochSampler`.

    Notes
    -----
    Useful with the engine "packed", which runs as many time steps per batch as the longest sequence has: for heartbeats of
    40 to 187 steps, bucketing saves a third of them. The native engine computes real steps only and does not need it.

    Batches of similar length are less mixed than random ones; use small pools where the length depends on the class. The
    batches of a `StratifiedBatchSampler` no longer hold every class after bucketing.

    Examples
    --------
    >>> import torch
    >>> from seqclf.sampling import LengthBucketSampler, ShuffleSampler
    >>> lengths = torch.arange(100) % 10 + 1
    >>> sampler = LengthBucketSampler(ShuffleSampler(100, batch_size=10), lengths)
    >>> sorted(lengths[batch].unique().tolist() for batch in sampler)
    [[1], [2], [3], [4], [5], [6], [7], [8], [9], [10]]
    """

    def __init__(
        self,
        sampler: EpochSampler,
        lengths: ArrayLike,
        *,
        pool_size: int = 50,
        generator: torch.Generator | None = None,
    ) -> None:
        if not isinstance(sampler, EpochSampler):
            raise TypeError(
                f"`sampler` must be an EpochSampler; got {type(sampler).__name__}. Derive a custom sampler from "
                "seqclf.sampling.EpochSampler, whose `epoch_batches` is needed here."
            )
        super().__init__(
            sampler.n_samples,
            batch_size=sampler.batch_size,
            generator=generator,
            rank=sampler.rank,
            num_replicas=sampler.num_replicas,
        )
        self.sampler = sampler
        self.pool_size: int = check_integer("pool_size", pool_size)
        self._lengths = as_lengths(lengths, sampler.n_samples)

    def epoch_batches(self, epoch: int) -> list[Tensor]:
        """Return the batches of an epoch, over all processes together."""
        batches = self.sampler.epoch_batches(epoch)
        order = self._sorted_in_pools(torch.cat(batches))
        pooled = torch.split(order, [len(batch) for batch in batches])
        shuffled = torch.randperm(len(pooled), device="cpu", generator=self.generator_of(epoch))
        return [pooled[i] for i in shuffled.tolist()]

    def _sorted_in_pools(self, order: Tensor) -> Tensor:
        """Sort each pool by length; sequences of equal length stay in the order drawn."""
        size = min(self.pool_size * self.batch_size, len(order))
        lengths = self._lengths[order.numpy()]
        whole = len(order) // size * size
        in_pools = np.argsort(lengths[:whole].reshape(-1, size), axis=1, kind="stable")
        in_pools += np.arange(0, whole, size)[:, None]
        rest = whole + np.argsort(lengths[whole:], kind="stable")
        return order[torch.from_numpy(np.concatenate([in_pools.ravel(), rest]))]

    def __len__(self) -> int:
        return len(self.sampler)
