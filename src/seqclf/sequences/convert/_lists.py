"""Lists of arrays -> `Sequences`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences
from seqclf.sequences._numbers import Origin, numeric_array
from seqclf.sequences._precision import storage_dtype
from seqclf.sequences.convert._axes import describe_swapped
from seqclf.sequences.convert._frame_lists import check_frames


def from_list(X: Sequence[Any]) -> Sequences:
    """Concatenate arrays of shape (n_steps,) or (n_steps, n_features); every step is real. Values may be NaN or infinite."""
    if len(X) == 0:
        raise InvalidSequenceError(
            "Found array with 0 sample(s) while a minimum of 1 is required; got an empty list. "
            "Was everything filtered out?"
        )
    check_frames(X)
    arrays = [_steps(item, row) for row, item in enumerate(X)]
    lengths = np.fromiter(map(len, arrays), dtype=np.int64, count=len(arrays))
    if not lengths.all():
        raise InvalidSequenceError(
            f"Every sequence must have at least one step; got none in row {int(lengths.argmin())}. "
            "Drop empty sequences."
        )
    if any(array.ndim == 2 for array in arrays):
        _check_orientation(arrays)
        arrays = [array[:, None] if array.ndim == 1 else array for array in arrays]
        _check_same_features(arrays)
    offsets = np.zeros(len(arrays) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    dtype = storage_dtype(*{array.dtype for array in arrays})
    values = np.concatenate(arrays, dtype=dtype, casting="unsafe")  # "unsafe" for the largest integers
    values = values.reshape(values.shape[0], -1)
    return Sequences.unchecked(torch.from_numpy(values), torch.from_numpy(offsets))


def _steps(item: Any, row: int) -> NDArray[Any]:
    """Return one sequence as an array of 1 or 2 dimensions."""
    plain = type(item) is np.ndarray and item.dtype.kind in "fiub"  # a fast path for the most frequent type
    array: NDArray[Any] = item if plain else numeric_array(item, Origin(row=row))
    if array.ndim == 0:
        raise InvalidSequenceError(
            f"Expected a list of sequences, each with its own steps; got the number {item!r} in row {row}. "
            "Reshape your data: `[X]` if it is one sequence."
        )
    if array.ndim > 2:
        raise InvalidSequenceError(
            "Every sequence of a list must have shape (n_steps,) or (n_steps, n_features); "
            f"got {array.shape} in row {row}. Flatten the features of each step."
        )
    return array


def _check_orientation(arrays: list[NDArray[Any]]) -> None:
    """Raise if time and features are clearly swapped."""
    if all(array.ndim == 2 for array in arrays):
        got = describe_swapped(*np.array([array.shape for array in arrays]).T)
        if got is not None:
            raise InvalidSequenceError(f"All sequences must have the same number of features; {got}")


def _check_same_features(arrays: list[NDArray[Any]]) -> None:
    widths = np.fromiter((array.shape[1] for array in arrays), dtype=np.int64, count=len(arrays))
    if widths[0] == 0:
        raise InvalidSequenceError(
            f"Found array with 0 feature(s) (shape={arrays[0].shape}) while a minimum of 1 is required; "
            "got it in row 0. Every step needs at least one feature."
        )
    unequal = widths != widths[0]
    if unequal.any():
        row = int(unequal.argmax())
        raise InvalidSequenceError(
            "All sequences must have the same number of features; "
            f"got {widths[0]} in row 0 and {widths[row]} in row {row}. Fill in the missing features."
        )
