"""The sequences an audit works on, and answers to changed copies of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqclf.audit._model import Floats, Integers, Model

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """A padded table with its lengths, a model, and the model's answers to it."""

    model: Model
    table: Floats  # (n, time, feature), `padding_value` behind each length
    lengths: Integers
    padding_value: float
    rng: np.random.Generator
    answers: Floats  # (n, n_classes)

    @property
    def n(self) -> int:
        """Number of sequences."""
        return len(self.table)

    @property
    def width(self) -> int:
        """Columns of the table."""
        return int(self.table.shape[1])

    @property
    def is_padding(self) -> Mask:
        """Which cells (row, column) lie behind the end."""
        behind: Mask = np.arange(self.width) >= self.lengths[:, None]
        return behind

    @property
    def scale(self) -> float:
        """Standard deviation of the real steps, the unit of changes; 1 if they are constant."""
        return float(self.table[~self.is_padding].std()) or 1.0

    def ask(self, table: Floats | None = None, rows: Integers | None = None) -> Floats:
        """Return the answers to a changed table, or to these rows of it in this order."""
        table = self.table if table is None else table
        lengths = self.lengths
        return self.model(table, lengths) if rows is None else self.model(table[rows], lengths[rows])

    def widened(self, width: int) -> Floats:
        """Return the table with this many columns: padding is added, or cut off behind the longest."""
        wide = np.full((self.n, width, self.table.shape[2]), self.padding_value)
        kept = min(width, self.width)
        wide[:, :kept] = self.table[:, :kept]
        return wide


def evidence(probabilities: Floats) -> Floats:
    """Return logits, but for a constant per row: what a linear head adds up."""
    logs = np.log(np.clip(probabilities, 1e-300, None))
    centred: Floats = logs - logs.mean(axis=1, keepdims=True)
    return centred
