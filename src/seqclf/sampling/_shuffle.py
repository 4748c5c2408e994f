"""Batches that draw each index once per epoch."""

from __future__ import annotations

import torch
from torch import Tensor

from seqclf.sampling._epoch_sampler import EpochSampler, batch_sizes, split


class ShuffleSampler(EpochSampler):
    """Draw each index once per epoch, in random order.

    Parameters
    ----------
    n_samples : int
        Number of samples; indices are 0 to `n_samples - 1`.
    batch_size : int
        Indices per batch, over all processes together; the last batch may be smaller, and a single
        index joins the batch before it, because batch normalisation needs two.
    generator : torch.Generator or None, default=None
        Used once, to draw the seed of all epochs; None takes entropy from the system.
    rank, num_replicas : int, default=0 and 1
        Index of this process and number of processes. Each process yields its share of every batch, at least one index.

    Raises
    ------
    ValueError, TypeError
        If a number is not an integer or is out of range, or several processes have no common seed.

    See Also
    --------
    EpochSampler : Base class, for custom samplers.
    BalancedSampler, StratifiedBatchSampler, LengthBucketSampler

    Notes
    -----
    Like all samplers here, it yields batches of indices as int64 tensors. ``DataLoader(data, sampler=sampler,
    batch_size=None)`` indexes `data` with whole batches, ``DataLoader(data, batch_sampler=sampler)`` with one index at a time.
    Every epoch has another order; the same seed and epoch give the same batches in every process.

    Examples
    --------
    >>> import torch
    >>> from seqclf.sampling import ShuffleSampler
    >>> [len(batch) for batch in ShuffleSampler(5, batch_size=2)]
    [2, 3]

    Two processes together draw each index once:

    >>> samplers = [
    ...     ShuffleSampler(8, batch_size=4, generator=torch.Generator().manual_seed(0), rank=rank, num_replicas=2)
    ...     for rank in (0, 1)
    ... ]
    >>> sorted(torch.cat([batch for sampler in samplers for batch in sampler]).tolist())
    [0, 1, 2, 3, 4, 5, 6, 7]
    """

    def epoch_batches(self, epoch: int) -> list[Tensor]:
        """Return the batches of an epoch, over all processes together."""
        generator = self.generator_of(epoch)
        order = torch.randperm(self.n_samples, device="cpu", generator=generator)
        return split(order, self.batch_size, self.num_replicas)

    def __len__(self) -> int:
        return len(batch_sizes(self.n_samples, self.batch_size, self.num_replicas))
