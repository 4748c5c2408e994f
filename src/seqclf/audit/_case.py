"""The audited sequences with a model, and its predictions for modified copies of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqclf.audit._arrays import Floats, Integers, Mask
from seqclf.audit._model import Model


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """A padded table with its lengths, a model, and the model's predictions for it."""

    model: Model
    table: Floats  # (n, time, feature), `padding_value` after each length
    lengths: Integers
    padding_value: float
    rng: np.random.Generator
    predictions: Floats  # (n, n_classes), probabilities

    @property
    def n(self) -> int:
        """Number of sequences."""
        return len(self.table)

    @property
    def width(self) -> int:
        """Number of columns of the table."""
        return int(self.table.shape[1])

    @property
    def is_padding(self) -> Mask:
        """Which cells (row, column) are padding."""
        padded: Mask = np.arange(self.width) >= self.lengths[:, None]
        return padded

    @property
    def scale(self) -> float:
        """Standard deviation of the values of real steps, the unit of changes; 1 if they are constant."""
        values = self.table[~self.is_padding]
        return float(values[~np.isnan(values)].std()) or 1.0

    def predict(self, table: Floats | None = None, rows: Integers | None = None) -> Floats:
        """Return the predictions for a modified table, or for these rows of it in this order."""
        table = self.table if table is None else table
        lengths = self.lengths
        return self.model(table, lengths) if rows is None else self.model(table[rows], lengths[rows])

    def resized(self, width: int) -> Floats:
        """Return the table with this many columns: padding is added, or columns are cut off."""
        resized = np.full((self.n, width, self.table.shape[2]), self.padding_value)
        kept = min(width, self.width)
        resized[:, :kept] = self.table[:, :kept]
        return resized


def centred_logits(probabilities: Floats) -> Floats:
    """Return logits with mean 0 in each row: the output of a linear head, up to a constant."""
    logs = np.log(np.clip(probabilities, 1e-300, None))
    centred: Floats = logs - logs.mean(axis=1, keepdims=True)
    return centred
