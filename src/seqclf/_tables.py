"""Tables of pandas, polars and Arrow, without importing these libraries."""

from __future__ import annotations

from typing import Any


def column_names(table: Any) -> list[Any] | None:
    """Return the names of the columns of a table; None for anything else."""
    if hasattr(type(table), "column_names"):  # pyarrow; pandas has such an attribute if a column is called so
        return list(table.column_names)
    return list(table.columns) if hasattr(table, "to_numpy") and hasattr(table, "columns") else None


def is_groupby(data: Any) -> bool:
    """Return whether `data` groups rows of a pandas object."""
    return type(data).__module__.partition(".")[0] == "pandas" and hasattr(data, "ngroup")
