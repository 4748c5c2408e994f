"""JSON -> NumPy arrays and scalars."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf.persistence._array_limits import is_justified
from seqclf.persistence._format_1._checks import integer, invalid, items

_DTYPES = re.compile(r"[<>|](b1|[iu][1248]|f(2|4|8|12|16)|[US]\d{1,9}|[mM]8(\[\d{0,6}[a-zA-Z]{1,2}\])?)|\|O")
_ALLOWED = {"b": bool, "i": int, "u": int, "f": float, "m": int, "M": int, "U": str, "S": bytes}


def read_array(name: Any, shape: Any, values: Any, path: str) -> NDArray[Any]:
    """Return an array of which the file holds every value."""
    dtype = _dtype(name, path)
    items(integer()).check(shape, f"{path}.shape")
    if not isinstance(values, list) or len(shape) > 32 or math.prod(shape) != len(values):
        invalid(path, f"hold a value for each place of its shape {shape}", f"{values!r:.80}")
    if not is_justified(dtype, values):
        invalid(path, "have values as long as its dtype", f"{dtype} for {len(values)} values")
    long = dtype.kind == "f" and dtype.itemsize > 8
    allowed = str if long else _ALLOWED.get(dtype.kind, object)
    if not all(type(value) is allowed or allowed is object for value in values):
        invalid(path, f"hold values of {dtype}", f"{values!r:.80}")
    array = np.empty(len(values), dtype=_storage(dtype))
    try:
        for i, value in enumerate(values):
            array[i] = value
    except (TypeError, ValueError, OverflowError) as error:
        invalid(path, f"hold values of {dtype}", f"{error!s:.100}")
    if dtype.kind in "fUS" and not long and array.tolist() != values and not _has_nan(values):
        invalid(path, f"hold values that {dtype} can hold", f"{values!r:.80}")
    try:
        return array.view(dtype).reshape(shape)
    except (TypeError, ValueError) as error:
        return invalid(path, "be an array of this machine", f"{error!s:.100}")


def _storage(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype in which values are written; that of times is an integer."""
    return np.dtype(dtype.str[0] + "i8") if dtype.kind in "mM" else dtype


def _has_nan(values: list[Any]) -> bool:
    return any(value != value for value in values)


def read_scalar(name: Any, value: Any, path: str) -> Any:
    """Return a NumPy scalar."""
    return read_array(name, [1], [value], path)[0]


def _dtype(name: Any, path: str) -> np.dtype[Any]:
    """Return a dtype of a fixed list: `np.dtype` alone would accept types of any size."""
    if not isinstance(name, str) or not _DTYPES.fullmatch(name):
        invalid(f"{path}.dtype", "be the name of a NumPy dtype, such as '<i8' or '<U4'", f"{name!r:.80}")
    try:
        dtype: np.dtype[Any] = np.dtype(name)
    except TypeError:
        invalid(f"{path}.dtype", "be a dtype of this machine", f"{name!r:.80}")
    return dtype
