"""Batches that can start in the middle of a training."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
from torch import Tensor

from seqclf.sampling import EpochSampler
from seqclf.training import IndexBatches


class ResumableBatches:
    """The batches of a sampler whose epochs are a function of their number, or of a fixed list.

    Parameters
    ----------
    batches : EpochSampler, list, tuple, array or tensor
        The batches of one epoch.

    Raises
    ------
    TypeError
        If the batches of an epoch cannot be found without those before.
    """

    def __init__(self, batches: IndexBatches) -> None:
        if not isinstance(batches, EpochSampler | list | tuple | np.ndarray | Tensor):
            raise TypeError(
                "With `checkpoint`, `sampler` must be a name, a list of batches or a `seqclf.sampling.EpochSampler`, which finds the batches "
                f"of any epoch; got {type(batches).__name__}. Derive it from `EpochSampler`, or fit without `checkpoint`."
            )
        self._batches = batches
        self._n_batches = 0

    def skip(self, n_epochs: int, n_batches: int) -> None:
        """Leave out whole epochs and, in the one after these, some batches."""
        if isinstance(self._batches, EpochSampler):
            self._batches.set_epoch(self._batches.epoch + n_epochs)
        self._n_batches = n_batches

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[Tensor]:
        skipped, self._n_batches = self._n_batches, 0
        return islice(iter(self._batches), skipped, None)
