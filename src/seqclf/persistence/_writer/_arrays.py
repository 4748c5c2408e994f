"""NumPy arrays and scalars -> JSON: labels and the like, which are few and should be readable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf.persistence._writer._errors import CannotBeSavedError

MAX_WIDTH = 10_000
"""Characters, or bytes, of an item of a text array. A reader must not allocate by a number in a file alone."""


def array_fields(array: NDArray[Any], path: str, items: Callable[[Any, str], list[Any]]) -> dict[str, Any]:
    """Return dtype, shape and values of an array; `items` writes the values, in C order."""
    if type(array) is not np.ndarray:
        raise CannotBeSavedError(path, f"an array of {type(array).__qualname__}")
    dtype = _checked(array.dtype, path)
    return {"dtype": dtype, "shape": list(array.shape), "values": items(_plain(array.ravel()), path)}


def scalar_fields(scalar: np.generic, path: str) -> dict[str, Any]:
    """Return dtype and value of a NumPy scalar."""
    array = np.asarray(scalar)
    (value,) = _plain(array.reshape(1))
    return {"dtype": _checked(array.dtype, path), "value": value if value == value else "nan"}


def _checked(dtype: np.dtype[Any], path: str) -> str:
    """Return the name of a dtype whose values JSON can hold."""
    wide = dtype.kind in "US" and dtype.itemsize > MAX_WIDTH * (4 if dtype.kind == "U" else 1)
    if dtype.kind not in "biufUSMmO" or dtype.names is not None or wide:
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
