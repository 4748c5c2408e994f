"""Tables of pandas, polars and pyarrow -> Arrow tables, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqclf.exceptions import InvalidSequenceError
from seqclf.scoring._arrow import import_arrow


def as_arrow(table: Any, names: tuple[str, ...]) -> Any:
    """Return the columns of a table as an Arrow table; columns that do not exist are left out."""
    pa = import_arrow()
    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    if isinstance(table, pa.Table):
        # By position: a name may occur twice, which is reported later.
        return table.select([i for i, name in enumerate(table.column_names) if name in names])
    library = type(table).__module__.partition(".")[0]
    if library == "polars" and hasattr(table, "to_arrow") and hasattr(table, "columns"):
        return table.select([name for name in names if name in table.columns]).to_arrow()
    if library == "pandas" and hasattr(table, "columns"):
        found = [name for name in table.columns if name in names]
        return pa.Table.from_arrays(
            [_array(table[name], name) for name in dict.fromkeys(found)], names=list(dict.fromkeys(found))
        )
    raise TypeError(
        f"`table` must be a DataFrame of pandas or polars, or an Arrow table or record batch; got {type(table).__name__}."
    )


def like_input(result: Any, table: Any, ids: tuple[str, ...]) -> Any:
    """Return an Arrow table as an object of the type of the input."""
    pa = import_arrow()
    if isinstance(table, pa.Table):
        return result
    if isinstance(table, pa.RecordBatch):
        batches = result.combine_chunks().to_batches()
        return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=result.schema)
    if type(table).__module__.partition(".")[0] == "polars":
        import polars as pl

        return pl.from_arrow(result)
    import pandas as pd

    # Types that hold missing values too, so that they are the same in each batch.
    with_missing = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame = result.drop_columns(list(ids)).to_pandas(types_mapper=with_missing.get)
    frame.index = table.index
    for place, name in enumerate(ids):
        frame.insert(place, name, table[name])  # with its own type
    return frame


def _array(column: Any, name: str) -> Any:
    """Return a column of pandas as an Arrow array."""
    pa = import_arrow()
    if getattr(column, "ndim", 1) != 1:
        raise ValueError(f"Column {name!r} must be unique in the table. Rename one of them.")
    try:
        return pa.array(column, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        pass  # arrays of two axes, among others
    cells = [cell.tolist() if isinstance(cell, np.ndarray) else cell for cell in column]
    try:
        return pa.array(cells, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise InvalidSequenceError(
            f"The cells of column {name!r} must have one type, such as lists of numbers; got: {error}. Convert them."
        ) from error
