"""Labels -> the samples of each class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from seqclf._labels import read_labels


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Classes:
    """The samples of each class, sorted by class."""

    names: NDArray[Any]  # (n_classes,), sorted
    codes: NDArray[np.int64]  # (n_samples,)
    counts: Tensor  # (n_classes,) int64

    @property
    def starts(self) -> Tensor:
        """Index of the first member of each class in `members`: (n_classes,)."""
        return self.counts.cumsum(0) - self.counts

    def members(self, order: Tensor | None = None) -> Tensor:
        """Return the samples sorted by class and, within a class, as in `order` (None: ascending): (n_samples,)."""
        if order is None:
            return torch.from_numpy(np.argsort(self._small_codes, kind="stable"))
        return order[torch.from_numpy(np.argsort(self._small_codes[order.numpy()], kind="stable"))]

    @property
    def _small_codes(self) -> NDArray[Any]:
        """Codes in the smallest dtype: numpy radix-sorts 16-bit integers in linear time."""
        return self.codes.astype(np.min_scalar_type(len(self.counts)))


def classes_of(y: ArrayLike) -> Classes:
    """Group samples by label; labels may have any sortable dtype."""
    labels = read_labels(y)
    if labels.shape[0] == 0:
        raise ValueError(
            f"`y` must hold one class for each of at least one sample; got shape {labels.shape}."
        )
    names, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return Classes(names=names, codes=codes, counts=torch.from_numpy(counts))
