"""Convert any value to JSON types."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import BuiltinFunctionType, FunctionType
from typing import Any

import numpy as np


def jsonable(value: Any) -> Any:
    """Return numbers, strings, booleans, None, and lists and mappings of these unchanged; other values as their `repr`."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)  # JSON has no NaN
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, type | FunctionType | BuiltinFunctionType):
        # Their `repr` contains an address, which differs between two runs with the same parameters.
        return f"{value.__module__}.{value.__qualname__}"
    return repr(value)
