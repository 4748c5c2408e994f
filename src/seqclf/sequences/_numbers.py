"""Whatever holds numbers -> a numeric numpy array."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqclf.exceptions import InvalidSequenceError

NUMPY_HAS = (torch.float64, torch.float32, torch.float16)
"""Types of floating point that numpy knows as well; bfloat16 is none of them."""


def numeric_array(X: Any, *, row: int | None = None) -> NDArray[Any]:
    """Return `X` as an array of booleans, integers or floats, without a copy where possible.

    `row` names the row in errors when `X` is one sequence of a list.
    """
    if type(X).__module__.startswith("scipy.sparse"):
        raise TypeError(
            f"X must be dense; got a sparse {type(X).__name__}. Sparse data are not supported: "
            "convert them with `X.toarray()`."
        )
    if isinstance(X, Tensor):
        X = _of_tensor(X)
    elif hasattr(X, "to_numpy"):  # pandas, polars
        X = X.to_numpy()
    if np.ma.is_masked(X):
        raise InvalidSequenceError(
            f"X must not hold masked values; got a masked array{_place(row, ())}. Fill them first, for "
            "example `X.filled(0.0)` where they are padding."
        )
    array = _as_array(X, row)
    if array.dtype.kind in "biuf" or (array.dtype.kind == "O" and array.ndim == 1 and row is None):
        return array
    if array.dtype.kind == "c":
        _raise_complex(row)
    if array.dtype.kind in "OUSV" and array.ndim == 0 and not isinstance(X, np.ndarray):
        what = "X" if row is None else f"Row {row} of X"
        raise TypeError(
            f"{what} must be an array or a list of numbers; got {type(X).__name__}. "
            "See `as_sequences` for what is accepted."
        )
    if array.dtype.kind == "O":
        return _of_objects(array, row)
    held = "text" if array.dtype.kind in "UST" else f"values of dtype {array.dtype}"
    raise InvalidSequenceError(
        f"Every value must be a number; got {held}{_place(row if row is not None else 0, ())}. "
        "Encode them as numbers first."
    )


def _of_tensor(tensor: Tensor) -> NDArray[Any]:
    """Return a dense tensor's values, from wherever they are."""
    if tensor.layout is not torch.strided:
        raise TypeError(
            f"X must be dense; got a sparse tensor ({tensor.layout}). Sparse data are not supported: "
            "convert them with `X.to_dense()`."
        )
    tensor = tensor.detach().cpu().resolve_conj().resolve_neg()
    if tensor.is_floating_point() and tensor.dtype not in NUMPY_HAS:
        tensor = tensor.to(torch.float32)
    array: NDArray[Any] = tensor.numpy()
    return array


def _as_array(X: Any, row: int | None) -> NDArray[Any]:
    try:
        return np.asarray(X)
    except ValueError as error:
        if "inhomogeneous" not in str(error):
            raise
        if row is None:
            message = (
                "Rows of a padded array must have the same number of steps; got unequal ones. A list of "
                "unequal sequences holds no padding: pass it to `as_sequences` as it is."
            )
        else:
            message = (
                "Every step of a sequence must have the same number of features; "
                f"got unequal ones in row {row}. Fill in the missing features."
            )
        raise InvalidSequenceError(message) from error


def _of_objects(array: NDArray[Any], row: int | None) -> NDArray[Any]:
    """Convert an array of Python objects that are numbers."""
    kinds = set(map(type, array.ravel().tolist()))
    if any(issubclass(kind, complex | np.complexfloating) for kind in kinds):
        _raise_complex(row)
    if any(issubclass(kind, str | bytes) for kind in kinds):
        index, value = next((i, v) for i, v in np.ndenumerate(array) if isinstance(v, str | bytes))
        raise InvalidSequenceError(
            f"Every value must be a number; got the text {value!r:.60}{_place(row, index)}. "
            "Encode text as numbers first."
        )
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        _raise_first_not_a_number(array, row)


def _raise_first_not_a_number(array: NDArray[Any], row: int | None) -> NoReturn:
    for index, value in np.ndenumerate(array):
        try:
            float(value)
        except OverflowError as error:
            raise InvalidSequenceError(
                f"Every value must fit float32 (at most 3.4e38); got a greater integer{_place(row, index)}. "
                "Rescale the data."
            ) from error
        except (TypeError, ValueError) as error:
            # scikit-learn's checks look for float()'s own words.
            raise TypeError(
                f"Every value must be a number; got {value!r:.60}{_place(row, index)} ({error}). "
                "Drop it or encode it as a number."
            ) from error
    raise InvalidSequenceError(
        f"Every value must be a number; got objects{_place(row, ())}. Convert them to float."
    )


def _raise_complex(row: int | None) -> NoReturn:
    raise InvalidSequenceError(
        f"Complex data not supported: every value must be real; got complex values{_place(row, ())}. "
        "Pass the real and the imaginary part as two features."
    )


def _place(row: int | None, index: tuple[int, ...]) -> str:
    """Say where: ' in row 3, step 0, feature 1', as far as known."""
    where = (*(() if row is None else (row,)), *index)
    names = ("row", "step", "feature")
    return " in " + ", ".join(f"{name} {i}" for name, i in zip(names, where, strict=False)) if where else ""
