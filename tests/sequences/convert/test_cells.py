"""Tables whose cells are sequences become sequences with one feature per column."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import awkward
import numpy as np
import pandas as pd
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences, as_sequences
from strategies import ragged_sequences

EXPECTED = as_sequences([[[1, 5], [0, 6]], [[3, 7], [4, 8], [0, 9]]])


@pytest.mark.parametrize("cell", [list, tuple, np.array, pd.Series, pa.array])
def test_a_tiny_case_by_hand(cell: Any) -> None:
    frame = pd.DataFrame({"a": [cell([1, 0]), cell([3, 4, 0])], "b": [cell([5, 6]), cell([7, 8, 9])]})
    assert as_sequences(frame) == EXPECTED
    assert as_sequences(frame[1:]) == EXPECTED[1:]
    one = EXPECTED.with_values(EXPECTED.values[:, :1])
    assert as_sequences(frame[["a"]]) == as_sequences(frame["a"]) == one


def test_cells_of_equal_lengths_are_read_the_same_way() -> None:
    frame = pd.DataFrame({"a": [[1, 0], [0, 0]], "b": [[5, 0], [7, 0]]})
    assert as_sequences(frame) == as_sequences([[[1, 5], [0, 0]], [[0, 7], [0, 0]]])


def test_lists_of_groups_are_accepted() -> None:
    frame = pd.DataFrame({"case": [1, 2, 1, 2, 2], "a": [1, 3, 0, 4, 0], "b": [5, 7, 6, 8, 9]})
    assert as_sequences(frame.groupby("case").agg(list)) == EXPECTED


@settings(deadline=None)
@given(ragged_sequences())
def test_stacked_columns_equal_the_arrays_they_come_from(s: Sequences) -> None:
    columns = {f"x{j}": [steps[:, j].numpy() for steps in s] for j in range(s.n_features)}
    frame = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})
    assert as_sequences(frame) == s


@pytest.mark.parametrize("types", [{}, {"types_mapper": pd.ArrowDtype}], ids=["NumPy", "Arrow"])
def test_a_round_trip_through_parquet_changes_nothing(types: Any, tmp_path: Path) -> None:
    one = EXPECTED.with_values(EXPECTED.values[:, :1])
    table = pa.table(
        {"both": EXPECTED.to_arrow(), "one": one.to_arrow(), "lists": pa.array([[[1, 5], [0, 6]], [[2, 3]]])}
    )
    pq.write_table(table, tmp_path / "beats.parquet")
    frame = pq.read_table(tmp_path / "beats.parquet").to_pandas(**types)
    assert as_sequences(frame["both"]) == as_sequences(frame[["both"]]) == EXPECTED
    assert as_sequences(frame["one"]) == as_sequences(frame[["one"]]) == one
    assert as_sequences(frame["lists"]) == as_sequences([[[1, 5], [0, 6]], [[2, 3]]])
    both = as_sequences(frame[["one", "both"]])
    assert both == EXPECTED.with_values(EXPECTED.values[:, [0, 0, 1]])


def test_an_awkward_array_is_a_list_of_sequences() -> None:
    for lists in ([[1, 0], [3]], [[1, 0], [3, 0]], [[[1, 2], [3, 4]], [[5, 6]]]):
        assert as_sequences(awkward.Array(lists)) == as_sequences(lists)


def test_polars_cells_are_accepted() -> None:
    frame = polars.DataFrame({"a": [[1, 0], [3, 4, 0]], "b": [[5, 6], [7, 8, 9]]})
    assert as_sequences(frame) == EXPECTED
    fixed = polars.DataFrame({"a": [[1, 0], [3, 0]]}, schema={"a": polars.Array(polars.Int8, 2)})
    assert as_sequences(fixed) == as_sequences(fixed["a"]) == as_sequences([[1, 0], [3, 0]])
    wide = polars.DataFrame({f"t{i}": [i, 1, 0] for i in range(12)})
    assert as_sequences(wide) == as_sequences(wide.to_numpy())
    missing = polars.DataFrame({"t0": [1, 2], "t1": [None, 3]})
    assert as_sequences(missing, padding_value=float("nan")) == as_sequences([[1], [2, 3]])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"b": [[5, 6], [7, 8]]},
            "All cells of a row must have the same number of steps; got 3 in column 'a' and 2 in column 'b' of row 1.",
        ),
        (
            {"age": [61, 34]},
            "Every cell must hold a sequence if one does; got 61 in column 'age' of row 0. Drop rows without a sequence; "
            "pass features of whole sequences as `static`.",
        ),
        ({"b": [[5, 6], None]}, "got None in column 'b' of row 1."),
        ({"b": [[5, 6], "abc"]}, "got 'abc' in column 'b' of row 1."),
        (
            {"b": [[5, 6], [7, 8, np.nan]]},
            "Every real step must be finite; got NaN in row 1, step 2, feature 1.",
        ),
        ({"b": [[5, 6], ["a", "b", "c"]]}, "Every value of X must be a number; got text in row 1."),
        ({"b": [[5, 6], [[[7]]] * 3]}, "got (3, 1, 1) in column 'b' of row 1. Flatten the features"),
        ({"a": [[], [1, 2]], "b": [[], [1, 2]]}, "at least one step; got none in row 0."),
        ({"b": [[5, 6j], [7, 8, 9]]}, "Complex data not supported"),
    ],
)
def test_invalid_cells_are_named(columns: Any, message: str) -> None:
    frame = pd.DataFrame({"a": [[1, 0], [3, 4, 0]], **columns})
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        as_sequences(frame)


def test_an_array_of_cells_has_two_readings_and_is_refused() -> None:
    frame = pd.DataFrame({"a": [[1, 0], [3, 4]], "b": [[5, 6], [7, 8]]})
    message = "A 2-D object array must hold numbers; got a list in row 0, column 0. If its columns are features, pass `pandas.DataFrame(X)`"
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        as_sequences(frame.to_numpy())
    assert as_sequences(pd.DataFrame(frame.to_numpy())) == as_sequences(frame)
