"""Which sequences come next, a batch of indices at a time."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.utils.data import Sampler

from seqclf._checks import check_integer
from seqclf.sequences import as_generator


class ShuffleSampler(Sampler[Tensor]):
    """Every index once an epoch, in random order.

    Parameters
    ----------
    n_samples : int
        Indices are 0 to `n_samples - 1`.
    batch_size : int
        Indices per batch; the last batch may be smaller.
    generator : torch.Generator or None, default=None
        Source of randomness; None takes entropy from the system.

    Examples
    --------
    >>> import torch
    >>> from seqclf.sampling import ShuffleSampler
    >>> [len(batch) for batch in ShuffleSampler(5, batch_size=2)]
    [2, 2, 1]
    """

    def __init__(self, n_samples: int, *, batch_size: int, generator: torch.Generator | None = None) -> None:
        check_integer("n_samples", n_samples)
        check_integer("batch_size", batch_size)
        self.n_samples = n_samples
        self.batch_size = batch_size
        self.generator = as_generator(generator)

    def __iter__(self) -> Iterator[Tensor]:
        order = torch.randperm(self.n_samples, generator=self.generator)
        return iter(torch.split(order, self.batch_size))

    def __len__(self) -> int:
        return ceil(self.n_samples / self.batch_size)


class BalancedSampler(Sampler[Tensor]):
    """As many indices of each class, drawn with replacement; as many draws an epoch as there are samples.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Class of each sample.
    batch_size : int
        Indices per batch.
    generator : torch.Generator or None, default=None
        Source of randomness; None takes entropy from the system.

    Notes
    -----
    A class is drawn uniformly, then one of its members: no weights are kept per sample, so there is no limit to the
    number of samples (`torch.multinomial` stops at 2**24). A rare class's few members are seen many times an epoch,
    and probabilities of a model trained so are those of a world in which all classes are equally frequent.

    Examples
    --------
    >>> import torch
    >>> from seqclf.sampling import BalancedSampler
    >>> y = ["N"] * 90 + ["V"] * 10
    >>> drawn = torch.cat(list(BalancedSampler(y, batch_size=32, generator=torch.Generator().manual_seed(0))))
    >>> int((drawn >= 90).sum())
    56
    """

    def __init__(self, y: ArrayLike, *, batch_size: int, generator: torch.Generator | None = None) -> None:
        check_integer("batch_size", batch_size)
        labels = np.asarray(y)
        if labels.ndim != 1 or labels.shape[0] == 0:
            raise ValueError(
                f"`y` must hold one class for each of at least one sample; got shape {labels.shape}."
            )
        _, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
        self.batch_size = batch_size
        self.generator = as_generator(generator)
        self.n_samples: int = labels.shape[0]
        self._members = torch.from_numpy(np.argsort(codes, kind="stable"))  # sorted by class
        self._counts = torch.from_numpy(counts)
        self._starts = self._counts.cumsum(0) - self._counts

    def __iter__(self) -> Iterator[Tensor]:
        classes = torch.randint(len(self._counts), (self.n_samples,), generator=self.generator)
        # float64: a float32 in [0, 1) has 2**24 values only.
        place = torch.rand(self.n_samples, dtype=torch.float64, generator=self.generator)
        member = self._starts[classes] + (place * self._counts[classes]).long()
        return iter(torch.split(self._members[member], self.batch_size))

    def __len__(self) -> int:
        return -(-self.n_samples // self.batch_size)
