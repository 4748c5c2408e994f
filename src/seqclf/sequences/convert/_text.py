"""Text columns of polars and Arrow -> positions among the sorted texts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def encode_text(column: Any) -> tuple[NDArray[np.int64], NDArray[Any]] | None:
    """Return the position of each row's text among the sorted texts, -1 if missing, and these texts.

    None for a column of anything else. The hash tables of the libraries need no Python object per row; each text
    becomes one object, and only these are sorted.
    """
    library = type(column).__module__.partition(".")[0]
    if library not in ("polars", "pyarrow"):
        return None
    encoded = _of_polars(column) if library == "polars" else _of_arrow(column)
    if encoded is None:
        return None
    codes, found = encoded
    order = sorted(range(len(found)), key=found.__getitem__)
    position = np.full(len(found) + 1, -1)  # the last one is that of -1
    position[order] = np.arange(len(found))
    texts = np.empty(len(found), dtype=object)
    texts[:] = [found[i] for i in order]
    return position[codes], texts


def _of_polars(column: Any) -> tuple[NDArray[np.int64], list[str]] | None:
    import polars as pl

    if column.dtype not in (pl.String, pl.Categorical, pl.Enum):
        return None
    text = column.cast(pl.String)
    found = text.unique(maintain_order=True).drop_nulls()
    # Not a `Categorical`, whose texts are shared by the whole process.
    codes = text.cast(pl.Enum(found)).to_physical().cast(pl.Int64).fill_null(-1)
    return codes.to_numpy(), found.to_list()


def _of_arrow(column: Any) -> tuple[NDArray[np.int64], list[str]] | None:
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return None
    # A dictionary that comes with the column may hold a text twice, or a missing one.
    encoded = column.cast(kind).dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    return encoded.indices.fill_null(-1).to_numpy().astype(np.int64), encoded.dictionary.to_pylist()
