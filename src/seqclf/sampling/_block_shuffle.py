"""Batches that read a file in blocks instead of sequence by sequence."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from seqclf._checks import check_integer
from seqclf.sampling._epoch_sampler import EpochSampler, batch_sizes, split
from seqclf.sampling._lengths import as_lengths


class BlockShuffleSampler(EpochSampler):
    """Draw each index once per epoch, in an order that reads neighbouring sequences at about the same time.

    The sequences are divided into blocks of neighbours. In each epoch the blocks come in random order, and the sequences of each
    `n_mixed` blocks are shuffled together. So a few blocks are read from disk at a time, not single sequences all over the file.

    Parameters
    ----------
    lengths : array-like of shape (n_samples,) of int
        Number of steps of each sample.
    batch_size : int
        Indices per batch, as in `ShuffleSampler`.
    steps_per_block : int, default=1,000,000
        Approximate number of steps of a block; a million steps take 4 MB for each feature in float32.
    n_mixed : int, default=16
        Number of blocks whose sequences are shuffled together. The more, the closer the order is to that of `ShuffleSampler`.
    generator : torch.Generator or None, default=None
        Used once, to draw the seed of all epochs; None takes entropy from the system.
    rank, num_replicas : int, default=0 and 1
        Index of this process and number of processes.

    Raises
    ------
    ValueError, TypeError
        If a number is not an integer or is out of range, or `lengths` does not hold one positive integer per sample.

    See Also
    --------
    ShuffleSampler : Any sequence can follow any other.

    Notes
    -----
    If a file is sorted, for example by class or by patient, each batch contains only a few classes or patients: shuffle such data
    once, when you write the file. The borders of the blocks move from epoch to epoch.

    Examples
    --------
    >>> import torch
    >>> from seqclf.sampling import BlockShuffleSampler
    >>> sampler = BlockShuffleSampler([1] * 12, batch_size=4, steps_per_block=2, n_mixed=2)
    >>> sorted(torch.cat(list(sampler)).tolist()) == list(range(12))
    True
    """

    def __init__(
        self,
        lengths: ArrayLike,
        *,
        batch_size: int,
        steps_per_block: int = 1_000_000,
        n_mixed: int = 16,
        generator: torch.Generator | None = None,
        rank: int = 0,
        num_replicas: int = 1,
    ) -> None:
        ends = torch.from_numpy(as_lengths(lengths, np.shape(lengths)[0]).astype(np.int64)).cumsum(0)
        super().__init__(
            len(ends), batch_size=batch_size, generator=generator, rank=rank, num_replicas=num_replicas
        )
        self.steps_per_block: int = check_integer("steps_per_block", steps_per_block)
        self.n_mixed: int = check_integer("n_mixed", n_mixed)
        self._ends = ends

    def epoch_batches(self, epoch: int) -> list[Tensor]:
        """Return the batches of an epoch, over all processes together."""
        generator = self.generator_of(epoch)
        starts = self._block_starts(generator)
        blocks = [
            torch.arange(start, stop, dtype=torch.int64, device="cpu") for start, stop in pairwise(starts)
        ]
        shuffled = torch.randperm(len(blocks), device="cpu", generator=generator)
        groups = [
            torch.cat([blocks[i] for i in group.tolist()]) for group in torch.split(shuffled, self.n_mixed)
        ]
        order = [group[torch.randperm(len(group), device="cpu", generator=generator)] for group in groups]
        return split(torch.cat(order), self.batch_size, self.num_replicas)

    def _block_starts(self, generator: torch.Generator) -> list[int]:
        """Return the first sequence of each block, and the end of the last one."""
        first = torch.randint(1, self.steps_per_block + 1, (1,), device="cpu", generator=generator)
        n_steps = int(self._ends[-1])
        borders = torch.arange(int(first), max(int(first), n_steps), self.steps_per_block, device="cpu")
        starts = set(torch.searchsorted(self._ends, borders, right=True).tolist())
        return sorted(starts | {0, self.n_samples})

    def __len__(self) -> int:
        return len(batch_sizes(self.n_samples, self.batch_size, self.num_replicas))
