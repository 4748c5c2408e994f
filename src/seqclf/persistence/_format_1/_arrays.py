"""JSON -> NumPy arrays and scalars."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf.persistence._format_1._checks import COUNT, invalid, items, integer

MAX_WIDTH = 10_000
"""Characters, or bytes, of an item of a text array: no number in a file alone decides how much memory is allocated."""

_DTYPES = re.compile(r"[<>|](b1|[iu][1248]|f(2|4|8|12|16)|[US]\d{1,5}|[mM]8(\[\d{0,6}[a-zA-Z]{1,2}\])?)|\|O")
_NUMBERS = {"b": (bool,), "i": (int,), "u": (int,), "f": (int, float, str), "U": (str,), "S": (bytes,)}


def read_array(name: Any, shape: Any, values: Any, path: str) -> NDArray[Any]:
    """Return an array of which the file holds every value."""
    dtype = _dtype(name, path)
    items(integer()).check(shape, f"{path}.shape")
    if not isinstance(values, list) or len(shape) > 32 or math.prod(shape) != len(values):
        invalid(path, f"hold a value for each place of its shape {shape}", f"{values!r:.80}")
    allowed = _NUMBERS.get(dtype.kind)
    if allowed is not None and not all(type(value) in allowed for value in values):
        invalid(path, f"hold values of {dtype}", f"{values!r:.80}")
    array = np.empty(
        len(values), dtype=dtype if dtype.kind not in "mM" else np.dtype("i8").newbyteorder(dtype.str[0])
    )
    try:
        with np.errstate(over="raise"):
            for i, value in enumerate(values):
                array[i] = value
                if dtype.kind in "US" and array[i] != value:
                    invalid(f"{path}.{i}", f"fit {dtype}", f"{value!r:.80}")
    except (TypeError, ValueError, OverflowError, FloatingPointError) as error:
        invalid(path, f"hold values of {dtype}", f"{error!s:.100}")
    return array.view(dtype).reshape(shape) if dtype.kind in "mM" else array.reshape(shape)


def read_scalar(name: Any, value: Any, path: str) -> Any:
    """Return a NumPy scalar."""
    value = float("nan") if value == "nan" and isinstance(name, str) and name[1:2] == "f" else value
    return read_array(name, [1], [value], path)[0]


def _dtype(name: Any, path: str) -> np.dtype[Any]:
    """Return a dtype of a fixed list: `np.dtype` alone would accept types of any size."""
    if not isinstance(name, str) or not _DTYPES.fullmatch(name):
        invalid(f"{path}.dtype", "be the name of a NumPy dtype, such as '<i8' or '<U4'", f"{name!r:.80}")
    try:
        dtype: np.dtype[Any] = np.dtype(name)
    except TypeError:
        invalid(f"{path}.dtype", "be a dtype of this machine", f"{name!r:.80}")
    if dtype.kind in "US" and dtype.itemsize > MAX_WIDTH * (4 if dtype.kind == "U" else 1):
        invalid(f"{path}.dtype", f"have at most {MAX_WIDTH} characters", f"{name!r:.80}")
    return dtype
