"""Padded arrays -> `Sequences`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._blocks import row_blocks
from seqclf.sequences._container import Sequences
from seqclf.sequences._finite import check_finite
from seqclf.sequences._numbers import numeric_array

_EXPECTED = (
    "Expected a 2-D array (n_samples, n_timesteps) or a 3-D array (n_samples, n_timesteps, n_features)"
)


def padded_array(X: Any) -> NDArray[Any]:
    """Return `X` as a numeric array of 2 or 3 dimensions, none of them empty."""
    if isinstance(X, Sequences):
        raise TypeError("Expected a padded array; got Sequences, which hold no padding. See their `lengths`.")
    array = numeric_array(X)
    check_padded_shape(array.shape)
    return array


def check_padded_shape(shape: tuple[int, ...]) -> None:
    """Raise unless the shape is that of at least one sequence, step and feature."""
    if len(shape) < 2:
        raise InvalidSequenceError(
            f"{_EXPECTED}; got shape {shape}. Reshape your data: `X.reshape(1, -1)` if it is one sequence, "
            "`X.reshape(-1, 1)` if it is many sequences of one step."
        )
    if len(shape) > 3:
        raise InvalidSequenceError(
            f"{_EXPECTED}; got {len(shape)}-D, shape {shape}. Flatten the features of each step: "
            "`X.reshape(len(X), X.shape[1], -1)`."
        )
    if shape[0] == 0:
        raise InvalidSequenceError(
            f"Found array with 0 sample(s) (shape={shape}) while a minimum of 1 is required. "
            "Was everything filtered out?"
        )
    if 0 in shape:
        raise InvalidSequenceError(
            f"Found array with 0 feature(s) (shape={shape}) while a minimum of 1 is required. "
            "Every sequence needs at least one step, and every step at least one feature."
        )


def sequences_of_array(
    array: NDArray[Any], lengths: NDArray[np.int64], *, padding_value: float | None = None
) -> Sequences:
    """Copy the first `lengths[i]` steps of each row `i` one after another, as float32."""
    n_samples, n_timesteps = array.shape[:2]
    offsets = np.zeros(n_samples + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    values = np.empty((int(offsets[-1]), math.prod(array.shape[2:])), dtype=np.float32)
    steps = np.arange(n_timesteps)
    with np.errstate(over="ignore", invalid="ignore"):  # what does not fit float32 is found, and named, below
        for rows in row_blocks(array):
            real = steps < lengths[rows, None]
            taken = array[rows][real]  # (steps of these rows,) or (steps of these rows, n_features)
            values[offsets[rows.start] : offsets[rows.stop]] = taken.reshape(taken.shape[0], -1)
    result = Sequences._trusted(torch.from_numpy(values), torch.from_numpy(offsets))
    cube = array[:, :, None] if array.ndim == 2 else array
    check_finite(
        result.values,
        result.offsets,
        lambda row, step, feature: cube[row, step, feature].item(),
        hint=_hint(padding_value),
    )
    return result


def _hint(padding_value: float | None) -> str:
    """Say what to do about a value that is not finite."""
    if padding_value is not None and not math.isfinite(padding_value):
        return (
            f"Only the run of {padding_value} at the end of a row is padding, and a row needs one real step."
        )
    return "Fill it in first; if it is padding, pass `lengths`, or `padding_value=float('nan')`."
