"""Columns of times that go back within a sequence, whose steps are in the order of the rows: a warning."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf.exceptions import InvalidSequenceError, SeqclfWarning
from seqclf.sequences.convert._columns import read_time
from seqclf.sequences.convert._groups import Groups, changed, decreased

_NAMES = ("time", "times", "timestamp", "datetime", "date", "t")
"""Names of columns that hold times as numbers."""


def warn_of_unordered_times(
    table: Any,
    names: Iterable[Any],
    groups: Groups,
    *,
    place: Callable[[int], str],
    cure: str,
    stacklevel: int,
) -> None:
    """Warn if times go back within a group of rows, which keep their order; `cure` has a place for the name of the column.

    Of several columns of times, such as the start and the end of an activity, one may have ordered the rows.
    """
    found: str | None = None
    for name in names:
        times = _times(table[name], name)
        if times is None:
            continue
        arranged = groups.arrange(times)
        if not changed(arranged, groups.offsets).any():  # a date of birth, for example
            continue
        goes_back = decreased(arranged, groups.offsets)
        if not goes_back.any():
            return
        before = int(goes_back.argmax())
        earlier, later = (_shown(arranged[position]) for position in (before, before + 1))
        found = found or (
            f"The steps of a sequence are in the order of the rows, but column {name!r} goes back from {earlier} to {later} for "
            f"{place(groups.row(before + 1))}. {cure.format(repr(name))}"
        )
    if found is not None:
        warnings.warn(found, SeqclfWarning, stacklevel=stacklevel + 1)


def _shown(time: Any) -> str:
    return str(np.datetime_as_string(time, unit="auto") if isinstance(time, np.datetime64) else time)


def _times(column: Any, name: Any) -> NDArray[Any] | None:
    """Return a column as numbers or times; None unless its type or its name says that it holds times."""
    kind = str(getattr(column, "dtype", getattr(column, "type", ""))).lower()
    if not ("date" in kind or "time" in kind or str(name).lower() in _NAMES):
        return None
    try:
        return read_time(column, name)
    except (InvalidSequenceError, TypeError, ValueError):  # text, for example
        return None
