"""Pieces of tables of pandas, polars and pyarrow: some rows of one, and several as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqclf.exceptions import InvalidSequenceError


def as_table(batch: Any) -> Any:
    """Return a record batch of Arrow as a table; anything else as it is."""
    if library_of(batch) == "pyarrow" and hasattr(type(batch), "to_struct_array"):
        import pyarrow as pa

        return pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch
    return batch


def library_of(table: Any) -> str:
    """Return the name of the library that a table is of."""
    return type(table).__module__.partition(".")[0]


def rows_between(table: Any, start: int, stop: int) -> Any:
    """Return the rows of a table from `start` up to `stop`, without a copy."""
    return table.iloc[start:stop] if hasattr(table, "iloc") else table.slice(start, stop - start)


def concatenated_rows(tables: Sequence[Any]) -> Any:
    """Return the rows of tables of one library, which have the same columns, as one table."""
    if len(tables) == 1:
        return tables[0]
    library = library_of(tables[0])
    if library == "polars":
        import polars as pl

        try:
            return pl.concat(tables, how="vertical_relaxed")
        except pl.exceptions.PolarsError as error:
            _refuse_types(error)
    if library == "pyarrow":
        import pyarrow as pa

        try:
            return pa.concat_tables(tables, promote_options="permissive")
        except pa.ArrowException as error:
            _refuse_types(error)
    import pandas as pd

    return pd.concat(tables, ignore_index=True)


def _refuse_types(error: Exception) -> None:
    raise InvalidSequenceError(
        f"A column must have one type in all batches; got: {error}. Read all of them with one schema, or convert the column."
    ) from error
