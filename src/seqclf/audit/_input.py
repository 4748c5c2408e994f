"""What the user passed -> a padded table and lengths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from seqclf.audit._arrays import Floats, Integers
from seqclf.sequences import as_sequences, pad, padded_shape


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PaddedInput:
    """Padded sequences, as given and with clean padding."""

    table: Floats  # (n, time, feature), `padding_value` after each length
    original: Floats  # the same with whatever the user had after the lengths
    lengths: Integers  # (n,)
    flat: bool  # the model takes (n, time) instead of (n, time, 1)
    dtype: np.dtype[Any]


def read_input(
    X: Any, lengths: ArrayLike | None, padding_value: float, missing: Literal["error", "keep"]
) -> PaddedInput:
    """Return the sequences of a padded array; raise if there are fewer than two."""
    sequences = as_sequences(
        X, lengths=lengths, padding_value=padding_value, missing=missing, check_axes=False
    )
    if len(sequences) < 2:
        raise ValueError(f"An audit needs at least two sequences; got {len(sequences)}. Pass a few dozen.")
    shape = padded_shape(X)
    if not shape:
        raise TypeError(
            f"`X` must be a padded array with 2 or 3 axes, as the model takes it; got {type(X).__name__}. "
            "Use `seqclf.pad` to write sequences into one."
        )
    original = np.asarray(X)
    table = pad(sequences, padding_value=padding_value, total_length=shape[1])[0].double().numpy()
    return PaddedInput(
        table=table,
        original=original.astype(np.float64).reshape(table.shape),
        lengths=sequences.lengths.numpy(),
        flat=len(shape) == 2,
        dtype=original.dtype if original.dtype.kind == "f" else np.dtype(np.float64),
    )


def select_rows(padded: PaddedInput, n: int) -> Integers:
    """Return at most `n` row indices, ascending, spread evenly over the lengths."""
    rows = np.arange(len(padded.lengths))
    if len(rows) > n:
        by_length = np.argsort(padded.lengths, kind="stable")
        rows = np.sort(by_length[np.linspace(0, len(rows) - 1, n).round().astype(np.int64)])
    if len(rows) == padded.table.shape[1] > 2:
        rows = rows[:-1]  # a square table would hide swapped batch and time axes
    return rows
