"""Columns of a long table that hold one number per id -> static features."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._precision import find_merged, storage_dtype
from seqclf.sequences.convert._columns import missing_values, read_numbers
from seqclf.sequences.convert._groups import Groups, changed
from seqclf.sequences.convert._long_columns import Rows, first_not_a_number


def read_static_columns(rows: Rows, groups: Groups, names: list[Any]) -> NDArray[Any]:
    """Return the static features, (n_sequences, n_columns); each column must be constant within each id."""
    return np.column_stack([_one_per_id(rows, groups, name) for name in names])


def _one_per_id(rows: Rows, groups: Groups, name: Any) -> NDArray[Any]:
    column = rows.table[name]
    numbers = read_numbers(column)
    if numbers is None:
        row, got = first_not_a_number(column.to_numpy())
        raise InvalidSequenceError(
            f"Every static feature must be a number; got {got!r:.60} in column {name!r} for {rows.place(row)}. Encode it as numbers, "
            f"for example with `pandas.get_dummies(frame, columns=[{name!r}])`."
        )
    missing = missing_values(column, numbers)
    if missing.any():
        raise InvalidSequenceError(
            f"Every row must have the static features of its id; got a missing value in column {name!r} for "
            f"{rows.place(int(missing.argmax()))}. Fill it in; a further column can mark ids whose value is unknown."
        )
    arranged = groups.arrange(numbers)
    differ = changed(arranged, groups.offsets)
    if differ.any():
        at = int(differ.argmax())
        raise InvalidSequenceError(
            f"A static feature must be the same in all rows of an id; got {arranged[at]} and {arranged[at + 1]} in column {name!r} for "
            f"{rows.place(groups.row(at + 1))}. Name the column in `values` instead of `static`, or compute one value for each id."
        )
    _check_fits(rows, groups, arranged[groups.offsets[:-1]], name)
    features: NDArray[Any] = arranged[groups.offsets[:-1]]
    return features


def _check_fits(rows: Rows, groups: Groups, features: NDArray[Any], name: Any) -> None:
    """Raise unless float32 holds the features, and keeps distinct ones distinct."""

    def place(sequence: int) -> str:
        return rows.place(groups.row(int(groups.offsets[sequence])))

    with np.errstate(over="ignore"):
        wrong = ~np.isfinite(features.astype(np.float32))
    if wrong.any():
        at = int(wrong.argmax())
        raise InvalidSequenceError(
            f"Every static feature must be finite and fit float32 (at most 3.4e38); got {features[at]} in column {name!r} for "
            f"{place(at)}. Correct it, or rescale the column."
        )
    if storage_dtype(features.dtype) is np.float32:
        return
    found = find_merged(features[:, None], np.array([0, len(features)]))
    if found is not None:
        got = " and ".join(f"{features[at]!r} ({place(at)})" for at in found[1:])
        raise InvalidSequenceError(
            f"Distinct static features must stay distinct in float32, which has 7 digits; got {got} in column {name!r}, which become "
            "equal. Subtract an offset that all values share."
        )
