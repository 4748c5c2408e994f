"""One feature over whole sequences: read from any ragged container, exchanged between sequences, and put back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf._tables import column_names
from seqclf.evaluation._labels import IntArray

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ragged:
    """The steps of all sequences, and how to build samples for a model from them."""

    values: Array  # (n_steps, n_features)
    offsets: IntArray  # (n_sequences + 1,)
    static: Array  # (n_sequences, n_static_features)
    build: Callable[[Array, Array, Array], Any]  # values, static, codes -> samples
    codes: Array  # (n_steps, n_token_columns)
    feature_names: tuple[str, ...] | None
    token_names: tuple[Any, ...] = ()
    static_names: tuple[str, ...] | None = None

    @property
    def n_columns(self) -> int:
        """Number of features, token columns and static features."""
        return int(self.values.shape[1] + self.codes.shape[1] + self.static.shape[1])

    @property
    def step_names(self) -> tuple[str, ...]:
        """Names of the features and token columns; features without names are numbered."""
        features = self.feature_names
        if features is None:
            features = tuple(map(str, range(self.values.shape[1])))
        return (*features, *map(str, self.token_names))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns."""
        static = self.static_names
        if static is None:
            static = tuple(f"static {i}" for i in range(self.static.shape[1]))
        return (*self.step_names, *static)

    def exchanged(self, column: int, donors: IntArray) -> Any:
        """Return samples in which sequence i has this feature from sequence `donors[i]`."""
        values, codes, static = self.values.copy(), self.codes.copy(), self.static.copy()
        n_features, n_tokens = values.shape[1], codes.shape[1]
        if column < n_features:
            values[:, column] = resampled(values[:, column], self.offsets, donors)
        elif column < n_features + n_tokens:
            below, above, share = _places(self.offsets, donors)
            codes[:, column - n_features] = codes[np.where(share > 0.5, above, below), column - n_features]
        else:
            column -= n_features + n_tokens
            static[:, column] = static[donors, column]
        return self.build(values, static, codes)


def read_ragged(X: Any) -> Ragged:
    """Read `Sequences`, or a list of arrays of shape (n_steps,) or (n_steps, n_features)."""
    # `Sequences` are not imported, because they need torch, and this package does not.
    if hasattr(X, "with_values"):
        static = None if X.static is None else X.static.cpu().numpy()
        tokens = X.tokens

        def build(values: Array, changed: Array, codes: Array) -> Any:
            new = X.with_values(X.values.new_tensor(values)).with_feature_names(X.feature_names)
            if tokens is not None:
                new = new.with_tokens(tokens.unchecked(tokens.codes.new_tensor(codes), tokens.vocabularies))
            return new if static is None else new.with_static(changed, names=X.static_names)

        return Ragged(
            values=X.values.detach().cpu().numpy(),
            offsets=X.offsets.cpu().numpy(),
            static=np.zeros((len(X), 0)) if static is None else static,
            build=build,
            codes=np.zeros((len(X.values), 0)) if tokens is None else tokens.codes.cpu().numpy(),
            feature_names=X.feature_names,
            token_names=() if tokens is None else tuple(tokens.vocabularies),
            static_names=X.static_names,
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

    def split(values: Array, static: Array, codes: Array) -> list[Array]:
        parts = np.split(values, offsets[1:-1])
        return [part.reshape(row.shape) for part, row in zip(parts, rows, strict=True)]

    return Ragged(
        values=np.concatenate(columns),
        offsets=offsets,
        static=np.zeros((len(rows), 0)),
        build=split,
        codes=np.zeros((int(offsets[-1]), 0)),
        feature_names=names_of_table(X[0]),
    )


def names_of_table(table: Any) -> tuple[str, ...] | None:
    """Return the names of the columns of a data frame; None if they are not strings, and for anything else."""
    names = column_names(table)
    return tuple(names) if names and all(isinstance(name, str) for name in names) else None


def resampled(values: Array, offsets: IntArray, donors: IntArray) -> Array:
    """Return, for each sequence, the values of its donor, interpolated linearly to as many steps; (n_steps,).

    First and last steps are kept, and values between sequences of equal length are copied.
    """
    below, above, share = _places(offsets, donors)
    exact: Array = values.astype(np.float64)
    taken: Array = exact[below] * (1 - share) + exact[above] * share
    return taken


def _places(offsets: IntArray, donors: IntArray) -> tuple[IntArray, IntArray, Array]:
    """Return the two steps of its donor between which each step lies, and how far from the first: (n_steps,) each."""
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
    start = np.repeat(offsets[:-1][donors], lengths)
    return start + below, start + above, place - below
