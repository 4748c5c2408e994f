"""Labels -> which samples each class has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Classes:
    """The samples of each class, those of the first class first."""

    names: NDArray[Any]  # (n_classes,), sorted
    codes: NDArray[np.int64]  # (n_samples,)
    counts: Tensor  # (n_classes,) int64

    @property
    def starts(self) -> Tensor:
        """Where the members of each class begin in `members`: (n_classes,)."""
        return self.counts.cumsum(0) - self.counts

    def members(self, order: Tensor | None = None) -> Tensor:
        """Return the samples sorted by class, within a class as in `order` (ascending with None): (n_samples,)."""
        if order is None:
            return torch.from_numpy(np.argsort(self._small_codes, kind="stable"))
        return order[torch.from_numpy(np.argsort(self._small_codes[order.numpy()], kind="stable"))]

    @property
    def _small_codes(self) -> NDArray[Any]:
        """Codes in the smallest type: numpy sorts 16 bits by radix, in linear time."""
        return self.codes.astype(np.min_scalar_type(len(self.counts)))


def classes_of(y: ArrayLike) -> Classes:
    """Return the classes of labels of any kind."""
    labels = np.asarray(y)
    if labels.ndim != 1 or labels.shape[0] == 0:
        raise ValueError(
            f"`y` must hold one class for each of at least one sample; got shape {labels.shape}."
        )
    names, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return Classes(names=names, codes=codes, counts=torch.from_numpy(counts))
