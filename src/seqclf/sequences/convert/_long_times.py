"""How to make a feature of a column of datetimes."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf.sequences.convert._pieces import library_of

_MOMENTS = (datetime.date, np.datetime64)
_SPANS = (datetime.timedelta, np.timedelta64)


def seconds_idiom(table: Any, id: Any, name: Any) -> str | None:
    """Return advice to compute seconds from a column of a table; None if it holds no datetimes or time differences."""
    array = table[name].to_numpy()
    is_moment = array.dtype.kind == "M" or isinstance(_first_object(array), _MOMENTS)
    if not (is_moment or array.dtype.kind == "m" or isinstance(_first_object(array), _SPANS)):
        return None
    library = library_of(table)
    code = _of_polars(id, name, is_moment) if library == "polars" else _of_pandas(id, name, is_moment)
    if library == "pyarrow":
        code = f"frame = frame.to_pandas(); {code}"
    since = " since the first step of each id" if is_moment else ""
    return f"Name a column of the seconds{since} instead: `{code}`."


def _of_pandas(id: Any, name: Any, is_moment: bool) -> str:
    column = f"frame[{name!r}]"
    if is_moment:
        column = f"({column} - frame.groupby({id!r})[{name!r}].transform('min'))"
    return f"frame['seconds'] = {column}.dt.total_seconds()"


def _of_polars(id: Any, name: Any, is_moment: bool) -> str:
    column = f"pl.col({name!r})"
    if is_moment:
        column = f"({column} - {column}.min().over({id!r}))"
    return f"frame = frame.with_columns(seconds={column}.dt.total_microseconds() / 1e6)"


def _first_object(array: NDArray[Any]) -> Any:
    """Return the first object of an array that is not missing."""
    if array.dtype.kind != "O":
        return None
    return next((one for one in array if one is not None and one == one), None)
