"""How many steps of a padded row are real."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from seqclf.sequences._arrays import padded_array
from seqclf.sequences._blocks import row_blocks
from seqclf.sequences._numbers import NUMPY_HAS


def infer_lengths(X: ArrayLike, *, padding_value: float = 0.0, min_length: int = 1) -> NDArray[np.int64]:
    """Count the steps left after dropping trailing padding.

    Parameters
    ----------
    X : array of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_features)
        Sequences padded at the end.
    padding_value : float, default=0.0
        A step is padding when *all* its features equal this value and no real step follows; NaN matches NaN.
    min_length : int, default=1
        Steps a row keeps even if all of them are padding: 0 to `n_timesteps`.

    Returns
    -------
    numpy.ndarray of shape (n_samples,), int64
        Real steps of each row.

    Raises
    ------
    InvalidSequenceError
        If `X` is not a 2-D or 3-D array of numbers with at least one row, step and feature.
    TypeError
        If `padding_value` or `min_length` is not a number, or `X` holds objects.
    ValueError
        If `min_length` is negative or longer than a row.

    See Also
    --------
    describe_padding : Look at the padding before you trust it.

    Notes
    -----
    A signal that truly ends in `padding_value` cannot be told from padding: its length comes out too short.
    Pass `lengths` to `as_sequences` when you know them. `padding_value` is compared in the precision of `X`.

    Examples
    --------
    >>> from seqclf.sequences import infer_lengths
    >>> infer_lengths([[0.2, 0.0, 0.5, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0]])
    array([3, 1])
    """
    check_padding_value(padding_value)
    array = padded_array(X)
    _check_min_length(min_length, array.shape[1])
    return np.maximum(trailing_lengths(array, as_stored(padding_value, X)), int(min_length))


def trailing_lengths(array: NDArray[Any], padding_value: float) -> NDArray[np.int64]:
    """Return for each row how many steps come before its trailing padding: 0 where all is padding."""
    n_samples, n_features = array.shape[0], math.prod(array.shape[2:])
    lengths = np.empty(n_samples, dtype=np.int64)
    for rows in row_blocks(array):
        # The last element that is not padding, whatever its feature, lies in the last real step.
        real = (~is_padding(array[rows], padding_value)).reshape(rows.stop - rows.start, -1)
        last = real.shape[1] - 1 - real[:, ::-1].argmax(axis=1)
        found = np.take_along_axis(real, last[:, None], axis=1)[:, 0]
        lengths[rows] = np.where(found, last // n_features + 1, 0)
    return lengths


def is_padding(array: NDArray[Any], padding_value: float) -> NDArray[np.bool_]:
    """Return which elements equal the padding value, in the array's own precision; NaN matches NaN."""
    if array.dtype.kind != "f":
        equal: NDArray[np.bool_] = array == float(padding_value)
        return equal
    if math.isnan(padding_value):
        missing: NDArray[np.bool_] = np.isnan(array)
        return missing
    with np.errstate(over="ignore"):
        value = array.dtype.type(padding_value)
    if np.isinf(value) and not math.isinf(padding_value):  # the array cannot hold such a value
        return np.zeros(array.shape, dtype=np.bool_)
    same: NDArray[np.bool_] = array == value
    return same


def as_stored(padding_value: float, X: Any) -> float:
    """Return the padding value as a tensor of a type that numpy lacks, such as bfloat16, would hold it."""
    if not isinstance(X, Tensor) or not X.is_floating_point() or X.dtype in NUMPY_HAS:
        return padding_value
    if abs(padding_value) > torch.finfo(X.dtype).max:  # what the tensor cannot hold is not in it
        return padding_value
    return torch.tensor(padding_value, dtype=X.dtype).float().item()


def check_padding_value(padding_value: Any) -> None:
    """Raise unless the padding value is a real number."""
    if not isinstance(padding_value, numbers.Real):
        raise TypeError(
            f"`padding_value` must be a number (NaN and infinity too); got {padding_value!r}. "
            "Replace other markers in X first."
        )


def _check_min_length(min_length: Any, n_timesteps: int) -> None:
    if isinstance(min_length, bool) or not isinstance(min_length, numbers.Integral):
        raise TypeError(
            f"`min_length` must be an integer; got {min_length!r}. Use 1 to keep a step of every row."
        )
    if not 0 <= int(min_length) <= n_timesteps:
        raise ValueError(
            f"`min_length` must lie between 0 and the {n_timesteps} steps of a row; got {min_length}. "
            "Use 1 to keep a step of every row."
        )
