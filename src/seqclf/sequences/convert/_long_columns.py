"""Times, values and labels of a long table, checked; errors name the id."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf.exceptions import InvalidSequenceError, SeqclfWarning
from seqclf.sequences._finite import MissingValues
from seqclf.sequences._precision import find_merged, storage_dtype
from seqclf.sequences.convert._columns import missing_values, read_numbers, read_time
from seqclf.sequences.convert._groups import Groups, changed, repeated
from seqclf.sequences.convert._long_times import seconds_idiom
from seqclf.sequences.convert._text import encode_text


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A long table, and the sequence of each of its rows: `ids[codes[row]]`.

    Messages count rows from `first_row`, if the table is a piece of another.
    """

    table: Any
    ids: NDArray[Any]
    codes: NDArray[Any]
    first_row: int = 0

    def place(self, row: int) -> str:
        """Return 'id 3 (row 7)'."""
        return f"id {self.ids[self.codes[row]]} (row {self.first_row + row})"

    def times(self, name: Any) -> NDArray[Any]:
        """Return the times of all rows."""
        column = self.table[name]
        times = read_time(column, name)
        missing = missing_values(column, times)
        if missing.any():
            raise InvalidSequenceError(
                f"Every row must have a time; got a missing value in column {name!r} for "
                f"{self.place(int(missing.argmax()))}. Drop such rows, or fill in their times."
            )
        return times

    def refuse_repeated_times(self, groups: Groups, times: NDArray[Any]) -> None:
        """Raise if a sequence has two rows of the same time: their order is unknown."""
        twice = repeated(groups.arrange(times), groups.offsets)
        if twice.any():
            first, second = (groups.row(int(twice.argmax()) + i) for i in (0, 1))
            raise InvalidSequenceError(
                f"A time must occur once per id; got {times[first]} twice for id {self.ids[self.codes[first]]} "
                f"(rows {self.first_row + first} and {self.first_row + second}). Drop or average such rows, or name the right `id`. If "
                "their order is known, sort the table by id and time (a stable sort keeps it), and leave out `time`: the steps of an id "
                "are then in the order of the rows."
            )

    def labels(self, groups: Groups, name: Any) -> NDArray[Any]:
        """Return the label of each sequence; all its rows must have it."""
        column = self.table[name]
        codes, texts = encode_text(column) or (column.to_numpy(), None)
        missing = missing_values(column, codes)
        if missing.any():
            raise InvalidSequenceError(
                f"Every row must have a label; got a missing value in column {name!r} for "
                f"{self.place(int(missing.argmax()))}. Fill it in, or drop the id."
            )
        arranged = groups.arrange(codes)
        differ = changed(arranged, groups.offsets)
        at = int(differ.argmax()) if differ.any() else None
        wanted = groups.offsets[:-1] if at is None else [at, at + 1]
        labels: NDArray[Any] = arranged[wanted] if texts is None else texts[arranged[wanted]]
        if at is not None:
            raise InvalidSequenceError(
                f"The label must be the same in all rows of an id; got {labels[0]} and {labels[1]} for "
                f"{self.place(groups.row(at + 1))}. A label of every step is not supported; cut the "
                "sequence where its label changes, and give each piece an id."
            )
        return labels

    def refuse_merged(self, groups: Groups, arranged: NDArray[Any], name: Any) -> None:
        """Raise if distinct values of a column, in the order of the groups, become equal in float32."""
        if storage_dtype(arranged.dtype) is np.float32:
            return
        found = find_merged(arranged[:, None], groups.offsets)
        if found is not None:
            got = " and ".join(f"{arranged[at]!r} ({self.place(groups.row(at))})" for at in found[1:])
            raise InvalidSequenceError(
                f"Distinct values must stay distinct in float32, which has 7 digits; got {got} in column {name!r}, which become "
                'equal. Subtract the first value of the column, such as the first time of the table, or pass `dtype="float64"`; '
                "an estimator then scales in float64."
            )

    def check_finite(
        self,
        groups: Groups,
        values: NDArray[Any],
        columns: dict[Any, NDArray[Any]],
        missing: MissingValues,
    ) -> None:
        """Raise if a value, ordered and converted, is not finite; with `missing="keep"`, NaN passes."""
        finite = ~np.isinf(values) if missing == "keep" else np.isfinite(values)
        if finite.all():
            return
        position, feature = np.argwhere(~finite)[0].tolist()
        name, row = list(columns)[feature], groups.row(position)
        got = columns[name][row]
        if np.isfinite(got):
            must, advice = "Every value must fit float32 (at most 3.4e38)", "Rescale the data."
        else:
            must, advice = "Every value must be finite", "Fill it in, or drop the row."
            if np.isnan(got):
                advice += ' `missing="keep"` keeps it for estimators with `missing="indicator"`.'
        raise InvalidSequenceError(f"{must}; got {got} in column {name!r} for {self.place(row)}. {advice}")


def choose_columns(rows: Rows, names: list[Any], *, id: Any, at_least: int = 1) -> dict[Any, NDArray[Any]]:
    """Read the columns that the user named; each must hold numbers."""
    columns = {}
    for name in names:
        numbers = read_numbers(rows.table[name])
        if numbers is None:
            row, got = first_not_a_number(rows.table[name].to_numpy())
            cure = seconds_idiom(rows.table, id, name) or (
                "Encode it as numbers, or name the column in `tokens` instead of `values`."
            )
            raise InvalidSequenceError(
                f"Every value must be a number; got {got!r:.60} in column {name!r} for {rows.place(row)}. {cure}"
            )
        columns[name] = numbers
    if len(columns) < at_least:
        raise ValueError(
            "`values` must name at least one column; got none. Pass None for all numeric columns."
        )
    return columns


def numeric_columns(rows: Rows, names: list[Any], *, at_least: int = 1) -> dict[Any, NDArray[Any]]:
    """Read all columns that hold numbers; warn of others."""
    read = {name: read_numbers(rows.table[name]) for name in names}
    columns = {name: numbers for name, numbers in read.items() if numbers is not None}
    left_out = [name for name in names if name not in columns]
    if len(columns) < at_least:
        raise InvalidSequenceError(
            f"The table must have a numeric column besides id, time and target; got {left_out!r:.200}. "
            "Encode text as numbers first."
        )
    if left_out:
        warnings.warn(
            f"Columns that do not hold numbers are left out: {left_out!r:.200}. "
            f"Name the columns that you need, for example `values={list(columns)!r:.200}`.",
            SeqclfWarning,
            stacklevel=4,
        )
    return columns


def first_not_a_number(array: NDArray[Any]) -> tuple[int, Any]:
    """Return the first value that is not a number, and its row."""
    if array.dtype.kind == "O":
        for row, value in enumerate(array):
            try:
                float(value)
            except (TypeError, ValueError, OverflowError):
                return row, value
            if isinstance(value, str | bytes):  # "1.5"
                return row, value
    return 0, array[0]
