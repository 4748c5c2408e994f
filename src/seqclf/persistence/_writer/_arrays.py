"""NumPy arrays and scalars -> JSON: labels and the like, which are few and should be readable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf.persistence._array_limits import is_justified
from seqclf.persistence._writer._errors import CannotBeSavedError


def array_fields(array: NDArray[Any], path: str, items: Callable[[Any, str], list[Any]]) -> dict[str, Any]:
    """Return dtype, shape and values of an array; `items` writes the values, in C order."""
    if type(array) is not np.ndarray:
        raise CannotBeSavedError(path, f"an array of {type(array).__qualname__}")
    values = _plain(array.ravel())
    return {
        "dtype": _checked(array.dtype, values, path),
        "shape": list(array.shape),
        "values": items(values, path),
    }


def scalar_fields(scalar: np.generic, path: str) -> dict[str, Any]:
    """Return dtype and value of a NumPy scalar."""
    array = np.asarray(scalar)
    (value,) = _plain(array.reshape(1))
    return {"dtype": _checked(array.dtype, [value], path), "value": value}


def _checked(dtype: np.dtype[Any], values: list[Any], path: str) -> str:
    """Return the name of a dtype whose values JSON can hold."""
    if dtype.kind not in "biufUSMmO" or not is_justified(dtype, values):
        raise CannotBeSavedError(path, f"an array of {dtype}")
    return dtype.str


def _plain(array: NDArray[Any]) -> list[Any]:
    """Return values as Python's own types: numbers, text, bytes, or the objects themselves."""
    if array.dtype.kind in "Mm":
        values: list[Any] = array.view(
            np.int64 if array.dtype.isnative else array.dtype.str[0] + "i8"
        ).tolist()
        return values
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:  # JSON has float64 only
        return [np.format_float_scientific(one, unique=True) for one in array]
    return list(array.tolist())
