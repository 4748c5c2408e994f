"""pandas' `frame.groupby(id)[columns]` -> `Sequences`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences
from seqclf.sequences._numbers import numeric_array
from seqclf.sequences._precision import storage_dtype
from seqclf.sequences.convert._groups import Groups, group_rows
from seqclf.sequences.convert._unordered_times import warn_of_unordered_times


def from_groupby(grouped: Any) -> Sequences:
    """Convert groups in their order, the rows of each in the order of the table, without the grouping columns.

    Values may be NaN or infinite.
    """
    codes = grouped.ngroup().to_numpy()
    if len(codes) == 0:
        raise InvalidSequenceError(
            "Found array with 0 sample(s) while a minimum of 1 is required; got no group. "
            "Was everything filtered out?"
        )
    without = ~(codes >= 0)  # NaN or -1
    if without.any():
        raise InvalidSequenceError(
            f"Every row must belong to a group; got a missing id in row {int(without.argmax())}. "
            "Drop such rows, or fill in their ids."
        )
    groups = group_rows(codes, None, int(codes.max()) + 1)
    _warn_of_unordered_times(grouped, codes, groups)
    given = numeric_array(_selected(grouped, len(codes)))
    if given.ndim == 1:
        given = given[:, None]
    arranged = groups.arrange(given)
    values = torch.from_numpy(np.array(arranged, dtype=storage_dtype(arranged.dtype)))
    offsets = torch.from_numpy(groups.offsets)
    return Sequences(values, offsets)


def _warn_of_unordered_times(grouped: Any, codes: NDArray[np.int64], groups: Groups) -> None:
    table = grouped.obj
    if table.ndim == 1:
        return
    keys = getattr(grouped, "exclusions", ())
    warn_of_unordered_times(
        table,
        [name for name in table.columns if name not in keys],
        groups,
        place=lambda row: f"group {grouped.size().index[codes[row]]} (row {row})",
        cure="Sort the table before you group it, `frame.sort_values({})`; if the order of the rows is right, drop the column.",
        stacklevel=5,
    )


def selected_columns(grouped: Any) -> list[Any]:
    """Return the names of the columns that become features."""
    rows = _selected(grouped, 0)
    return [rows.name] if rows.ndim == 1 else list(rows.columns)


def _selected(grouped: Any, n_rows: int) -> Any:
    """Return the first rows of each group, in the order of the table, without the grouping columns."""
    rows = grouped.head(n_rows)
    if rows.ndim == 2:
        keys = [name for name in rows.columns if name in getattr(grouped, "exclusions", ())]
        rows = rows.drop(columns=keys)
    return rows
