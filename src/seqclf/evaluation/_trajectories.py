"""One feature over whole sequences: read from any ragged container, exchanged between sequences, and put back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf.evaluation._labels import IntArray

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ragged:
    """The steps of all sequences, and how to build samples for a model from them."""

    values: Array  # (n_steps, n_features)
    offsets: IntArray  # (n_sequences + 1,)
    static: Array  # (n_sequences, n_static_features)
    build: Callable[[Array, Array], Any]  # values, static -> samples

    @property
    def n_columns(self) -> int:
        """Number of features and static features."""
        return int(self.values.shape[1] + self.static.shape[1])

    def exchanged(self, column: int, donors: IntArray) -> Any:
        """Return samples in which sequence i has this feature from sequence `donors[i]`."""
        n_features = self.values.shape[1]
        if column >= n_features:
            static = self.static.copy()
            static[:, column - n_features] = static[donors, column - n_features]
            return self.build(self.values, static)
        values = self.values.copy()
        values[:, column] = resampled(values[:, column], self.offsets, donors)
        return self.build(values, self.static)


def read_ragged(X: Any) -> Ragged:
    """Read `Sequences`, or a list of arrays of shape (n_steps,) or (n_steps, n_features)."""
    # `Sequences` are not imported, because they need torch, and this package does not.
    if hasattr(X, "with_values"):
        static = None if X.static is None else X.static.cpu().numpy()

        def build(values: Array, changed: Array) -> Any:
            new = X.with_values(X.values.new_tensor(values))
            return new if static is None else new.with_static(changed)

        return Ragged(
            values=X.values.detach().cpu().numpy(),
            offsets=X.offsets.cpu().numpy(),
            static=np.zeros((len(X), 0)) if static is None else static,
            build=build,
        )
    if not isinstance(X, list | tuple):
        raise TypeError(
            f"`X` must be `Sequences` or a list of arrays; got {type(X).__name__}. Pass `as_sequences(X)`, with `lengths` if you "
            "know them."
        )
    rows = [np.asarray(row) for row in X]
    columns = [row[:, None] if row.ndim == 1 else row for row in rows]
    if len({column.shape[1:] for column in columns}) != 1 or columns[0].ndim != 2:
        raise ValueError(
            f"`X` must hold arrays of shape (n_steps,) or (n_steps, n_features); got the shapes {[row.shape for row in rows[:3]]}, "
            "... Pass `as_sequences(X)`, which names the row that differs."
        )
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])])

    def split(values: Array, static: Array) -> list[Array]:
        parts = np.split(values, offsets[1:-1])
        return [part.reshape(row.shape) for part, row in zip(parts, rows, strict=True)]

    return Ragged(
        values=np.concatenate(columns), offsets=offsets, static=np.zeros((len(rows), 0)), build=split
    )


def resampled(values: Array, offsets: IntArray, donors: IntArray) -> Array:
    """Return, for each sequence, the values of its donor, interpolated linearly to as many steps; (n_steps,).

    First and last steps are kept, and values between sequences of equal length are copied.
    """
    lengths = np.diff(offsets)
    given = lengths[donors]
    step = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
    # A sequence of one step gets the middle of its donor.
    first = np.where(lengths > 1, 0.0, (given - 1) / 2)
    stride = np.where(lengths > 1, (given - 1) / np.maximum(lengths - 1, 1), 0.0)
    place = np.repeat(first, lengths) + step * np.repeat(stride, lengths)
    last = np.repeat(given - 1, lengths)
    below = np.minimum(np.floor(place).astype(np.int64), last)
    above = np.minimum(below + 1, last)
    start, share = np.repeat(offsets[:-1][donors], lengths), place - below
    exact: Array = values.astype(np.float64)
    taken: Array = exact[start + below] * (1 - share) + exact[start + above] * share
    return taken
