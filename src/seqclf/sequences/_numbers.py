"""Anything that holds numbers -> a numeric NumPy array."""

from __future__ import annotations

import datetime
import numbers
from dataclasses import dataclass
from os import PathLike
from typing import Any, NoReturn

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqclf.exceptions import InvalidSequenceError

NUMPY_FLOATS = (torch.float64, torch.float32, torch.float16)
"""Floating-point types that NumPy has too; bfloat16, for example, is missing there."""


_TOKENS = 'Read text as tokens with `TokenEncoder` or `as_sequences(X, vocabulary="auto")`.'
_TIMES = (datetime.date, datetime.timedelta, np.datetime64, np.timedelta64)  # a datetime is a date
_MAX_DEPTH = 64  # NumPy's limit, too


@dataclass(frozen=True, slots=True)
class Origin:
    """The argument that values come from, for error messages."""

    name: str = "X"
    axes: tuple[str, ...] = ("row", "step", "feature")
    row: int | None = None  # set if the values are one sequence of a list

    def place(self, *index: int) -> str:
        """Return ' in row 3, step 0, feature 1', as far as known."""
        known = index if self.row is None else (self.row, *index)
        named = [f"{axis} {i}" for axis, i in zip(self.axes, known, strict=False)]
        return f" in {', '.join(named)}" if named else ""


_X = Origin()


def numeric_array(X: Any, origin: Origin = _X) -> NDArray[Any]:
    """Return `X` as an array of booleans, integers or floats, without a copy where possible."""
    return as_numbers(read_array(X, origin), origin)


def read_array(X: Any, origin: Origin = _X) -> NDArray[Any]:
    """Return dense, unmasked data as an array of any dtype, without a copy where possible."""
    if type(X).__module__.startswith("scipy.sparse"):
        raise TypeError(
            f"{origin.name} must be dense; got a sparse {type(X).__name__}. Sparse data are not supported: "
            "convert them with `.toarray()`."
        )
    if isinstance(X, Tensor):
        return _of_tensor(X, origin)
    if hasattr(X, "to_numpy"):  # pandas, polars
        X = X.to_numpy()
    if _is_masked(X):
        raise InvalidSequenceError(
            f"{origin.name} must not hold masked values; got a masked array{origin.place()}. "
            "Fill them first with `.filled(value)`."
        )
    array = _as_array(X, origin)
    if array.ndim == 0 and array.dtype.kind in "OUSV" and not isinstance(X, np.ndarray):
        what = origin.name if origin.row is None else f"Row {origin.row} of {origin.name}"
        advice = _TOKENS if isinstance(X, str) else "See `as_sequences` for the accepted types."
        if isinstance(X, PathLike) or (isinstance(X, str) and X.endswith(".safetensors")):
            advice = "Open a file of `SequenceWriter` with `seqclf.sequences.open_sequences(path)`."
        raise TypeError(f"{what} must be an array or a list of numbers; got {type(X).__name__}. {advice}")
    return array


def as_numbers(array: NDArray[Any], origin: Origin = _X) -> NDArray[Any]:
    """Return an array of booleans, integers or floats; convert Python objects that are numbers."""
    if array.dtype.kind in "biuf":
        return array
    if array.dtype.kind == "c":
        _raise_complex(origin)
    if array.dtype.kind == "O":
        return _of_objects(array, origin)
    held = "text" if array.dtype.kind in "UST" else f"values of dtype {array.dtype}"
    place = origin.place(0) if origin.row is None else origin.place()
    raise InvalidSequenceError(
        f"Every value of {origin.name} must be a number; got {held}{place}. Encode them as numbers first. {_TOKENS}"
    )


def _of_tensor(tensor: Tensor, origin: Origin) -> NDArray[Any]:
    if tensor.layout is not torch.strided:
        raise TypeError(
            f"{origin.name} must be dense; got a sparse tensor ({tensor.layout}). Sparse data are not supported: "
            "convert them with `.to_dense()`."
        )
    tensor = tensor.detach().cpu().resolve_conj().resolve_neg()
    if tensor.is_floating_point() and tensor.dtype not in NUMPY_FLOATS:
        tensor = tensor.to(torch.float32)
    array: NDArray[Any] = tensor.numpy()
    return array


def _as_array(X: Any, origin: Origin) -> NDArray[Any]:
    try:
        return np.asarray(X)
    except ValueError as error:
        if "inhomogeneous" not in str(error):
            raise TypeError(
                f"{origin.name} must be an array or a list of numbers; got {type(X).__name__}{origin.place()} ({error!s:.200}). "
                "See `as_sequences` for the accepted types."
            ) from error
        if origin.axes[1] == "feature":
            message = (
                f"Every row of {origin.name} must have the same number of features; got unequal numbers."
            )
        elif origin.row is None:
            message = (
                "Rows of a padded array must have the same number of steps; got unequal numbers. Pass a list of "
                "sequences of different lengths to `as_sequences`: it holds no padding."
            )
        else:
            message = (
                "Every step of a sequence must have the same number of features; "
                f"got unequal numbers in row {origin.row}. Fill in the missing features."
            )
        raise InvalidSequenceError(message) from error


def _of_objects(array: NDArray[Any], origin: Origin) -> NDArray[Any]:
    kinds = set(map(type, array.ravel().tolist()))
    if any(map(_holds_values, kinds)):
        return _of_cells(array, origin)
    if any(issubclass(kind, numbers.Complex) and not issubclass(kind, numbers.Real) for kind in kinds):
        _raise_complex(origin)
    if any(issubclass(kind, str | bytes) for kind in kinds):
        index, value = next((i, v) for i, v in np.ndenumerate(array) if isinstance(v, str | bytes))
        raise InvalidSequenceError(
            f"Every value of {origin.name} must be a number; got the text {value!r:.60}{origin.place(*index)}. "
            f"Encode text as numbers first. {_TOKENS}"
        )
    if any(issubclass(kind, _TIMES) for kind in kinds):
        _raise_time(array, origin)
    if any(map(is_missing_type, kinds)):
        array = _replace(array, [None if is_missing_type(type(value)) else value for value in array.flat])
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        _raise_first_not_a_number(array, origin)


def _of_cells(array: NDArray[Any], origin: Origin) -> NDArray[Any]:
    """Stack arrays or lists of equal shapes in the cells of an array, such as the lists of lists of Parquet."""
    cells = [read_array(cell, origin) if _holds_values(type(cell)) else cell for cell in array.flat]
    if any(np.ndim(cell) > 0 for cell in cells):
        stacked = _as_array(cells, origin)
        return as_numbers(stacked.reshape(array.shape + stacked.shape[1:]), origin)
    items = [cell.item() if isinstance(cell, np.ndarray) else cell for cell in cells]
    return as_numbers(_replace(array, items), origin)


def _replace(array: NDArray[Any], items: list[Any]) -> NDArray[Any]:
    flat = np.empty(array.size, dtype=object)
    flat[:] = items
    return flat.reshape(array.shape)


def is_missing_type(kind: type) -> bool:
    """Return whether `kind` is the type of `pandas.NA`, without importing pandas."""
    return kind.__name__ == "NAType" and kind.__module__.startswith("pandas.")


def _holds_values(kind: type) -> bool:
    if issubclass(kind, _TIMES):  # pandas' have `to_numpy`, too
        return False
    return issubclass(kind, list | tuple | np.ndarray | Tensor) or hasattr(kind, "to_numpy")


def _is_masked(X: Any, depth: int = 0) -> bool:
    """Return whether an array, or one inside of a list, has masked values: NumPy would drop the mask."""
    if depth > _MAX_DEPTH:
        raise TypeError(
            f"Lists of numbers must be nested at most {_MAX_DEPTH} deep; got a deeper one. Does it hold itself?"
        )
    if not isinstance(X, list | tuple):
        return X is np.ma.masked or bool(np.ma.is_masked(X))
    kinds = set(map(type, X))
    inside = any(issubclass(kind, list | tuple | np.ma.MaskedArray) for kind in kinds)
    return inside and any(_is_masked(one, depth + 1) for one in X)


def _raise_first_not_a_number(array: NDArray[Any], origin: Origin) -> NoReturn:
    for index, value in np.ndenumerate(array):
        try:
            float(value)
        except OverflowError as error:
            raise InvalidSequenceError(
                f"Every value must fit float32 (at most 3.4e38); got a larger integer{origin.place(*index)}. "
                "Rescale the data."
            ) from error
        except (TypeError, ValueError) as error:
            # The error of `float` is quoted because scikit-learn's checks look for its text.
            raise TypeError(
                f"Every value of {origin.name} must be a number; got {value!r:.60}{origin.place(*index)} "
                f"({error}). Drop it or encode it as a number."
            ) from error
    raise InvalidSequenceError(
        f"Every value of {origin.name} must be a number; got objects{origin.place()}. Convert them to float."
    )


def _raise_time(array: NDArray[Any], origin: Origin) -> NoReturn:
    """Raise for the first time; NumPy would convert its own to numbers of their unit."""
    index, value = next((i, v) for i, v in np.ndenumerate(array) if isinstance(v, _TIMES))
    raise InvalidSequenceError(
        f"Every value of {origin.name} must be a number; got the time {value!r:.60}{origin.place(*index)}. "
        "Convert times to numbers first."
    )


def _raise_complex(origin: Origin) -> NoReturn:
    raise InvalidSequenceError(
        f"Complex data not supported: every value must be real; got complex values{origin.place()}. "
        "Pass the real and the imaginary part as two features."
    )
