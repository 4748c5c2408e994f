"""Every index once an epoch."""

from __future__ import annotations

import torch
from torch import Tensor

from seqclf._checks import check_integer
from seqclf.sampling._epochs import EpochSampler, batch_sizes, check_enough, split


class ShuffleSampler(EpochSampler):
    """Every index once an epoch, in random order.

    Parameters
    ----------
    n_samples : int
        Indices are 0 to `n_samples - 1`.
    batch_size : int
        Indices per batch, of all processes together; the last batch may be smaller.
    generator : torch.Generator or None, default=None
        Gives the seed, once; None takes entropy from the system.
    rank, num_replicas : int, default=0 and 1
        Which of how many processes this is. Each yields its share of every batch, at least one index.

    Raises
    ------
    ValueError, TypeError
        If a number is no integer or out of its range, or several processes have no common seed.

    See Also
    --------
    BalancedSampler, StratifiedBatchSampler, LengthBucketSampler

    Notes
    -----
    Like all samplers here it yields whole batches, int64 tensors: `DataLoader(data, sampler=s, batch_size=None)` indexes the
    data with each, `DataLoader(data, batch_sampler=s)` with each index of each. Epochs differ; `set_epoch` chooses the
    next one, and the same seed and epoch give the same batches in every process.

    Examples
    --------
    >>> import torch
    >>> from seqclf.sampling import ShuffleSampler
    >>> [len(batch) for batch in ShuffleSampler(5, batch_size=2)]
    [2, 2, 1]
    >>> of_two = [
    ...     ShuffleSampler(8, batch_size=4, generator=torch.Generator().manual_seed(0), rank=rank, num_replicas=2)
    ...     for rank in (0, 1)
    ... ]
    >>> sorted(torch.cat([batch for sampler in of_two for batch in sampler]).tolist())
    [0, 1, 2, 3, 4, 5, 6, 7]
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
        check_integer("n_samples", n_samples)
        super().__init__(batch_size=batch_size, generator=generator, rank=rank, num_replicas=num_replicas)
        check_enough(n_samples, num_replicas)
        self.n_samples = n_samples

    def epoch_batches(self, epoch: int) -> list[Tensor]:
        """Return the batches of an epoch, of all processes together."""
        generator = self._generator_of(epoch)
        order = torch.randperm(self.n_samples, generator=generator)
        return split(order, self.batch_size, self.num_replicas)

    def __len__(self) -> int:
        return len(batch_sizes(self.n_samples, self.batch_size, self.num_replicas))
