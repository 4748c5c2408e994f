"""Padded arrays -> `Sequences`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from torch import Tensor

from seqclf.sequences._container import Sequences
from seqclf.sequences.padding import as_stored, keep_real_steps, padded_array, trailing_lengths, unpad_array


def from_padded_array(X: Any, *, lengths: Any, padding_value: float | None) -> Sequences:
    """Keep `lengths[i]` steps of each row `i`; without `lengths`, all steps before the trailing padding."""
    if lengths is not None:
        return unpad_array(X, lengths)
    array = padded_array(X)
    if padding_value is None:
        real = np.full(array.shape[0], array.shape[1], dtype=np.int64)
    else:
        real = np.maximum(trailing_lengths(array, as_stored(padding_value, X)), 1)
    result = keep_real_steps(array, real, advice=_advice(padding_value))
    return result.to(X.device) if isinstance(X, Tensor) else result


def _advice(padding_value: float | None) -> str:
    """Say what to do about a value that is not finite."""
    if padding_value is not None and not math.isfinite(padding_value):
        return (
            f"Only {padding_value} at the end of a row is padding, and each row keeps at least one step. "
            "Fill in the other values, and drop rows that are all padding."
        )
    return "Fill it in first; if it is padding, pass `lengths`, or `padding_value=float('nan')`."
