"""Data frames that are not padded arrays of one feature, and are refused."""

from __future__ import annotations

from typing import Any

from seqclf._tables import column_names
from seqclf.exceptions import InvalidSequenceError


def refuse_long_table(X: Any) -> None:
    """Raise if a frame or series has a MultiIndex, or a column of ids: its rows are steps, not sequences."""
    levels = getattr(getattr(X, "index", None), "names", ())
    if hasattr(X, "to_numpy") and len(levels) > 1:
        first, second = (
            (repr(name) if name is not None else f"'level_{i}'") for i, name in enumerate(levels[:2])
        )
        raise InvalidSequenceError(
            f"A row of a table must be a whole sequence; got a MultiIndex of {len(levels)} levels, as of a table with "
            f"one row per step. Pass `from_long(X.reset_index(), id={first}, time={second}).sequences`."
        )
    ids = [name for name in column_names(X) or () if is_id(name)]
    if ids:
        raise InvalidSequenceError(
            f"Every column of a table must be a time step; got column {ids[0]!r}, which looks like an id. If the "
            f"table has one row per step, pass `from_long(X, id={ids[0]!r}).sequences`; if each row is a whole "
            "sequence, drop the column."
        )


def refuse_features_side_by_side(X: Any) -> None:
    """Raise if a frame has a MultiIndex of columns in which more than one level varies: features and time steps."""
    columns: Any = getattr(X, "columns", None)
    n_levels = len(getattr(columns, "names", ()))
    if n_levels < 2 or sum(columns.get_level_values(i).nunique() > 1 for i in range(n_levels)) < 2:
        return
    first, last = (", ".join(map(str, columns[i])) for i in (0, -1))
    raise InvalidSequenceError(
        f"Every column of a table must be a time step of one feature; got a MultiIndex of columns, from ({first:.60}) to "
        f"({last:.60}), as `unstack` and `pivot` return. Convert the table with one row per step instead, with "
        "`from_long(table, id=..., time=...).sequences`, or pass an array of shape (n_samples, n_timesteps, n_features)."
    )


def is_id(name: Any) -> bool:
    """Return whether a column is named `id` or `*_id`."""
    return isinstance(name, str) and (name.casefold() == "id" or name.casefold().endswith("_id"))
