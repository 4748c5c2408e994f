"""Which rows cannot be scored, and why?"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from seqclf.scoring._arrow import import_arrow
from seqclf.scoring._columns import is_list


class Fault(IntEnum):
    """Why a row cannot be scored; 0 if it can."""

    NONE = 0
    NULL = 1
    EMPTY = 2
    UNEQUAL = 3
    MISSING = 4
    INFINITE = 5
    STATIC = 6


DESCRIPTIONS = {
    Fault.NULL: ("Every row must hold a sequence", "null"),
    Fault.EMPTY: ("Every sequence must have at least one step", "an empty list"),
    Fault.UNEQUAL: (
        "The lists of a row must have the same number of steps in all columns",
        "different numbers",
    ),
    Fault.MISSING: ("Every value must be a number", "NaN or null"),
    Fault.INFINITE: ("Every value must be finite", "infinity"),
    Fault.STATIC: ("Every static feature must be finite", "null, NaN or infinity"),
}
"""What must hold, and what came."""


def find_faults(lists: list[Any], static: list[Any], missing: Literal["error", "keep"]) -> NDArray[np.uint8]:
    """Return the fault of each row of Arrow columns: list columns, and columns of static features."""
    faults = np.zeros(len(lists[0]), dtype=np.uint8)
    first = _lengths(lists[0])
    for column in lists:  # an earlier fault stays
        lengths = _lengths(column)
        _mark(faults, _is_null(column), Fault.NULL)
        _mark(faults, lengths == 0, Fault.EMPTY)
        _mark(faults, lengths != first, Fault.UNEQUAL)
        values, rows = column.flatten(), np.repeat(np.arange(len(column)), lengths)
        if is_list(values.type):  # one list of features for each step
            _mark(faults, _any(rows, _is_null(values), len(faults)), Fault.MISSING)
            values, rows = values.flatten(), np.repeat(rows, _lengths(values))
        absent, infinite = _missing_and_infinite(values)
        _mark(faults, _any(rows, infinite, len(faults)), Fault.INFINITE)
        if missing == "error":
            _mark(faults, _any(rows, absent, len(faults)), Fault.MISSING)
    for column in static:
        absent, infinite = _missing_and_infinite(column)
        _mark(faults, absent | infinite, Fault.STATIC)
    return faults


def _lengths(lists: Any) -> NDArray[np.int64]:
    """Return the number of values of each list; 0 for null."""
    compute = import_arrow("pyarrow.compute")
    lengths: NDArray[np.int64] = compute.list_value_length(lists).fill_null(0).to_numpy().astype(np.int64)
    return lengths


def _missing_and_infinite(values: Any) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which values are NaN or null, and which are infinite."""
    if import_arrow("pyarrow.types").is_floating(values.type):
        numbers = values.to_numpy(zero_copy_only=False)  # NaN for null
        return np.isnan(numbers), np.isinf(numbers)
    return _is_null(values), np.zeros(len(values), dtype=np.bool_)


def _is_null(values: Any) -> NDArray[np.bool_]:
    null: NDArray[np.bool_] = values.is_null().to_numpy(zero_copy_only=False)
    return null


def _any(rows: NDArray[np.int64], wrong: NDArray[np.bool_], n_rows: int) -> NDArray[np.bool_]:
    """Return which rows have a wrong value."""
    found = np.zeros(n_rows, dtype=np.bool_)
    found[rows[wrong]] = True
    return found


def _mark(faults: NDArray[np.uint8], which: NDArray[np.bool_], fault: Fault) -> None:
    faults[which & (faults == Fault.NONE)] = fault
