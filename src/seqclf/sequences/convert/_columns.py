"""Columns of pandas, polars and Arrow tables -> arrays."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._numbers import numeric_array
from seqclf.sequences.convert._text import encode_text


def encode_ids(column: Any, name: Any, *, first_row: int = 0) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the position of each row's id among the sorted ids, and the sorted ids; messages count rows from `first_row`."""
    try:
        if hasattr(column, "factorize"):  # pandas
            codes, index = column.factorize(sort=True)
            missing, ids = codes < 0, np.asarray(index)
        elif (encoded := encode_text(column)) is not None:
            codes, ids = encoded
            missing = codes < 0
        else:
            array = column.to_numpy()
            missing = missing_values(column, array)
            codes, ids = (array, array) if missing.any() else _encode(array)
    except TypeError as error:
        raise TypeError(f"The ids in column {name!r} must have one type to be sorted; {error}.") from error
    if missing.any():
        raise InvalidSequenceError(
            f"Every row must have an id; got a missing value in column {name!r}, row {first_row + int(missing.argmax())}. "
            "Drop such rows, or fill in their ids."
        )
    return codes, ids


def _encode(array: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Encode the first id of each run of equal ids: most tables have few runs."""
    starts = np.flatnonzero(np.append(True, array[1:] != array[:-1]))
    runs = array[starts]
    if runs.dtype.kind == "O":  # hashing is much faster than sorting objects
        ordered = sorted(dict.fromkeys(runs.tolist()))
        position = {value: i for i, value in enumerate(ordered)}
        inverse = np.fromiter(map(position.__getitem__, runs.tolist()), dtype=np.int64, count=len(runs))
        ids = np.empty(len(ordered), dtype=object)
        ids[:] = ordered
    elif runs.dtype.kind in "iu" and int(runs.max()) - int(runs.min()) < 4 * len(array):
        least = runs.min()
        shifted = runs.astype(np.int64) - least.astype(np.int64)
        present = np.bincount(shifted) > 0
        inverse = (np.cumsum(present) - 1)[shifted]
        ids = np.flatnonzero(present).astype(runs.dtype) + least  # small dtypes wrap, and wrap back
    else:
        ids, inverse = np.unique(runs, return_inverse=True)
    return np.repeat(inverse, np.diff(np.append(starts, len(array)))), ids


def read_time(column: Any, name: Any) -> NDArray[Any]:
    """Return times as numbers or datetimes."""
    if str(getattr(column, "dtype", "")).startswith("datetime64") and hasattr(column, "dt"):
        array = column.to_numpy(dtype="datetime64[ns]")  # pandas makes objects of times with a zone
    else:
        array = column.to_numpy()
    if array.dtype.kind == "O":
        with contextlib.suppress(TypeError, InvalidSequenceError):  # reported below
            array = numeric_array(array)
    if array.dtype.kind not in "iufmM":
        raise InvalidSequenceError(
            f"Column {name!r} must hold numbers or datetimes to order the steps; got dtype {array.dtype}. "
            "Convert it, for example with `pandas.to_datetime`."
        )
    return np.asarray(array)


def read_numbers(column: Any) -> NDArray[Any] | None:
    """Return a column as numbers, with NaN for missing values; None if it holds anything else."""
    array = column.to_numpy()
    if array.dtype.kind in "biuf":
        return np.asarray(array)
    if array.dtype.kind != "O":
        return None
    try:
        return numeric_array(array)
    except (TypeError, InvalidSequenceError):
        return None


def missing_values(column: Any, array: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which values of a column are missing."""
    for method in ("isna", "is_null"):  # pandas, then polars and Arrow
        if hasattr(column, method):
            missing = np.asarray(getattr(column, method)().to_numpy(), dtype=np.bool_)
            return missing | np.isnan(array) if array.dtype.kind == "f" else missing
    if array.dtype.kind in "fmM":
        unknown: NDArray[np.bool_] = array != array  # NaN and NaT differ from themselves
        return unknown
    return np.zeros(array.shape, dtype=np.bool_)
