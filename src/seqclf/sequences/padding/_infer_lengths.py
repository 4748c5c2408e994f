"""Padded array -> the number of real steps in each row."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqclf.sequences.padding._padded_input import padded_array
from seqclf.sequences.padding._trailing_padding import as_stored, check_padding_value, trailing_lengths


def infer_lengths(X: ArrayLike, *, padding_value: float = 0.0, min_length: int = 1) -> NDArray[np.int64]:
    """Count the steps of each row that are left after dropping trailing padding.

    Parameters
    ----------
    X : array of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_features)
        Sequences padded at the end.
    padding_value : float, default=0.0
        A step is padding if *all* its features equal this value and no real step follows; NaN matches NaN;
        `pandas.NA` stands for NaN.
    min_length : int, default=1
        Number of steps that a row keeps even if all of them are padding: 0 to `n_timesteps`.

    Returns
    -------
    numpy.ndarray of shape (n_samples,), int64
        Number of real steps in each row.

    Raises
    ------
    InvalidSequenceError
        If `X` is not a 2-D or 3-D array of numbers with at least one row, step and feature.
    TypeError
        If `padding_value` is not a number, `min_length` is not an integer, or `X` holds objects.
    ValueError
        If `min_length` is negative or exceeds `n_timesteps`.

    See Also
    --------
    describe_padding : Inspect the padding before you rely on it.

    Notes
    -----
    A signal that really ends in `padding_value` looks like padding, and its length comes out too short.
    Pass `lengths` to `as_sequences` if you know them. `padding_value` is compared in the precision of `X`.

    Examples
    --------
    >>> from seqclf.sequences import infer_lengths
    >>> infer_lengths([[0.2, 0.0, 0.5, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0]])
    array([3, 1])
    """
    padding_value = check_padding_value(padding_value)
    array = padded_array(X)
    least = _check_min_length(min_length, array.shape[1])
    return np.maximum(trailing_lengths(array, as_stored(padding_value, X)), least)


def _check_min_length(min_length: Any, n_timesteps: int) -> int:
    if isinstance(min_length, bool) or not isinstance(min_length, numbers.Integral):
        raise TypeError(
            f"`min_length` must be an integer; got {min_length!r}. Use 1 to keep at least one step of each row."
        )
    if not 0 <= int(min_length) <= n_timesteps:
        raise ValueError(
            f"`min_length` must lie between 0 and the {n_timesteps} steps of a row; got {min_length}. "
            "Use 1 to keep at least one step of each row."
        )
    return int(min_length)
