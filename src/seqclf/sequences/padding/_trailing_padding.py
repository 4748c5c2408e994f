"""Which steps at the end of a padded row are padding."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqclf._checks import check_number
from seqclf.sequences._blocks import row_blocks
from seqclf.sequences._numbers import NUMPY_FLOATS, is_missing_type


def trailing_lengths(array: NDArray[Any], padding_value: float) -> NDArray[np.int64]:
    """Return the number of steps of each row before its trailing padding; 0 if all steps are padding."""
    n_samples, n_features = array.shape[0], math.prod(array.shape[2:])
    lengths = np.empty(n_samples, dtype=np.int64)
    for rows in row_blocks(array):
        # The last element that is not padding, whichever feature it is, belongs to the last real step.
        real = (~is_padding(array[rows], padding_value)).reshape(rows.stop - rows.start, -1)
        last = real.shape[1] - 1 - real[:, ::-1].argmax(axis=1)
        found = np.take_along_axis(real, last[:, None], axis=1)[:, 0]
        lengths[rows] = np.where(found, last // n_features + 1, 0)
    return lengths


def is_padding(array: NDArray[Any], padding_value: float) -> NDArray[np.bool_]:
    """Return which elements equal the padding value in the precision of the array; NaN matches NaN."""
    if array.dtype.kind != "f":
        equal: NDArray[np.bool_] = array == float(padding_value)
        return equal
    if math.isnan(padding_value):
        missing: NDArray[np.bool_] = np.isnan(array)
        return missing
    with np.errstate(over="ignore"):
        value = array.dtype.type(padding_value)
    if np.isinf(value) and not math.isinf(padding_value):  # outside the range of the array's dtype
        return np.zeros(array.shape, dtype=np.bool_)
    same: NDArray[np.bool_] = array == value
    return same


def as_stored(padding_value: float, X: Any) -> float:
    """Round the padding value as a tensor of a dtype unknown to NumPy, such as bfloat16, stores it."""
    if not isinstance(X, Tensor) or not X.is_floating_point() or X.dtype in NUMPY_FLOATS:
        return padding_value
    if abs(padding_value) > torch.finfo(X.dtype).max:  # the tensor cannot hold it
        return padding_value
    return torch.tensor(padding_value, dtype=X.dtype, device="cpu").float().item()


def check_padding_value(padding_value: Any) -> float:
    """Return the padding value, NaN for `pandas.NA`; raise unless it is a real number."""
    if is_missing_type(type(padding_value)):
        return math.nan
    if not isinstance(padding_value, numbers.Real):
        raise TypeError(
            f"`padding_value` must be a number, which includes NaN and infinity; got {padding_value!r}. "
            "Replace other markers in X first."
        )
    return check_number("padding_value", +padding_value)  # of a boolean, a number
