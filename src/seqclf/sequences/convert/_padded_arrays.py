"""Padded arrays -> `Sequences`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences
from seqclf.sequences._finite import MissingValues
from seqclf.sequences.padding import as_stored, keep_real_steps, padded_array, trailing_lengths, unpad_array


def from_padded_array(
    X: Any, *, lengths: Any, padding_value: float | None, missing: MissingValues = "error"
) -> Sequences:
    """Keep `lengths[i]` steps of each row `i`; without `lengths`, all steps before the trailing padding."""
    if lengths is not None:
        return unpad_array(X, lengths, missing=missing)
    array = padded_array(X)
    if padding_value is None:
        real = np.full(array.shape[0], array.shape[1], dtype=np.int64)
    else:
        real = np.maximum(trailing_lengths(array, as_stored(padding_value, X)), 1)
    if missing == "keep" and padding_value is not None:
        _refuse_nan_at_the_end(array, real, padding_value)
    result = keep_real_steps(array, real, advice=_advice(padding_value), missing=missing)
    return result.to(X.device) if isinstance(X, Tensor) else result


def _refuse_nan_at_the_end(array: NDArray[Any], real: NDArray[np.int64], padding_value: float) -> None:
    """Raise if steps of NaN at the end of a row may be missing values, or padding."""
    if array.dtype.kind != "f":
        return
    n_samples, n_timesteps = array.shape[:2]
    last = array[np.arange(n_samples), real - 1].reshape(n_samples, -1)
    # NaN that is followed by the padding value cannot be padding.
    unclear = np.isnan(last).all(axis=1) & (math.isnan(padding_value) | (real == n_timesteps))
    if not unclear.any():
        return
    row = int(unclear.argmax())
    if math.isnan(padding_value):
        raise InvalidSequenceError(
            f"Every row must have at least one value if NaN is padding; got NaN only in row {row}. Drop such rows, or pass "
            "`lengths` if all their values are missing."
        )
    raise InvalidSequenceError(
        f"NaN at the end of a row must have one reading; got steps of NaN only at the end of row {row}, which may be missing values, "
        f"or padding although padding_value={padding_value:g}. If they are padding, pass `padding_value=float('nan')`; if values are "
        "missing, pass `lengths`, or `padding_value=None` if no step is padding."
    )


def _advice(padding_value: float | None) -> str:
    """Say what to do about a value that is not finite."""
    if padding_value is not None and not math.isfinite(padding_value):
        return (
            f"Only {padding_value} at the end of a row is padding, and each row keeps at least one step. "
            "Fill in the other values, and drop rows that are all padding."
        )
    return "Fill it in first; if it is padding, pass `lengths`, or `padding_value=float('nan')`."
