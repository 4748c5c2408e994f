"""How many samples of each class were predicted as which: the pairs that occur, without a table of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from seqclf.evaluation._labels import IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """A confusion matrix, stored as its entries other than 0, row by row."""

    n_classes: int
    true: IntArray  # (n_pairs,)
    predicted_as: IntArray  # (n_pairs,)
    n: IntArray  # (n_pairs,), positive

    @classmethod
    def of_samples(cls, true: IntArray, predicted: IntArray, n_classes: int) -> Self:
        """Count pairs of class indices, each of shape (n_samples,)."""
        pairs, n = np.unique(true * n_classes + predicted, return_counts=True)
        rows, columns = np.divmod(pairs, n_classes)
        return cls(n_classes=n_classes, true=rows, predicted_as=columns, n=n.astype(np.int64))

    @classmethod
    def of_matrix(cls, confusion: IntArray) -> Self:
        """Read a confusion matrix of shape (n_classes, n_classes)."""
        rows, columns = np.nonzero(confusion)
        n = confusion[rows, columns].astype(np.int64)
        return cls(n_classes=len(confusion), true=rows, predicted_as=columns, n=n)

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return int(self.n.sum())

    @property
    def support(self) -> IntArray:
        """Number of samples of each class: (n_classes,)."""
        return self._sums(self.true, self.n)

    @property
    def predicted(self) -> IntArray:
        """Number of samples predicted as each class: (n_classes,)."""
        return self._sums(self.predicted_as, self.n)

    @property
    def hits(self) -> IntArray:
        """Number of samples of each class that were predicted as it: (n_classes,)."""
        correct = self.true == self.predicted_as
        return self._sums(self.true[correct], self.n[correct])

    def matrix(self) -> IntArray:
        """Return the confusion matrix, which is quadratic in the number of classes; read-only."""
        matrix = np.zeros((self.n_classes, self.n_classes), dtype=np.int64)
        matrix[self.true, self.predicted_as] = self.n
        matrix.setflags(write=False)
        return matrix

    def key(self) -> tuple[Any, ...]:
        """Return what identifies these counts, hashable."""
        return self.n_classes, *(tuple(column.tolist()) for column in (self.true, self.predicted_as, self.n))

    def _sums(self, classes: IntArray, n: IntArray) -> IntArray:
        sums = np.zeros(self.n_classes, dtype=np.int64)
        np.add.at(sums, classes, n)  # `np.bincount` would add floats, which are exact up to 2**53 only
        return sums
