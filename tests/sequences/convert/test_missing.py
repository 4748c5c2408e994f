"""Missing values: kept only where they are asked for, and never mistaken for padding."""

from __future__ import annotations

import re
from typing import Any

import awkward
import numpy as np
import pandas as pd
import polars
import pyarrow as pa
import pytest
import torch

from seqclf import InvalidSequenceError, Sequences, as_sequences, from_long

NAN = float("nan")
ARRAYS = [np.array([1.0, NAN, 3.0]), np.array([NAN, 5.0])]
EXPECTED = np.concatenate(ARRAYS)

CONTAINERS: dict[str, Any] = {
    "list": ARRAYS,
    "None in lists": [[1.0, None, 3.0], [None, 5.0]],
    "pandas.NA": [pd.Series([1, None, 3], dtype="Int64"), pd.Series([None, 5], dtype="Int64")],
    "(values, lengths)": (EXPECTED, np.array([3, 2])),
    "nulls of Arrow": pa.array([[1.0, None, 3.0], [None, 5.0]]),
    "nulls of Arrow's float32": pa.array([[1.0, None, 3.0], [None, 5.0]], pa.list_(pa.float32())),
    "nulls of Arrow's integers": pa.array([[1, None, 3], [None, 5]]),
    "NaN of Arrow": pa.array([[1.0, NAN, 3.0], [NAN, 5.0]]),
    "awkward": awkward.Array([[1.0, None, 3.0], [None, 5.0]]),
    "cells": pd.DataFrame({"x": ARRAYS}),
    "polars": polars.Series([[1.0, None, 3.0], [None, 5.0]]),
    "nested": torch.nested.nested_tensor([torch.tensor(one) for one in ARRAYS], layout=torch.jagged),
    "groupby": pd.DataFrame({"id": [0, 0, 0, 1, 1], "x": EXPECTED}).groupby("id")[["x"]],
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_missing_values_become_nan_if_they_are_kept_and_are_refused_otherwise(container: str) -> None:
    kept = as_sequences(CONTAINERS[container], missing="keep")
    np.testing.assert_array_equal(kept.values[:, 0].numpy(), EXPECTED)
    assert kept.lengths.tolist() == [3, 2]
    with pytest.raises(
        InvalidSequenceError, match=r"in row 0, step 1, feature 0\. .*|got a null value in row 0"
    ):
        as_sequences(CONTAINERS[container])


def test_a_long_table_keeps_them_on_demand() -> None:
    frame = pd.DataFrame({"id": [0, 0, 0, 1, 1], "x": EXPECTED})
    kept = from_long(frame, id="id", missing="keep").sequences
    np.testing.assert_array_equal(kept.values[:, 0].numpy(), EXPECTED)
    with pytest.raises(
        InvalidSequenceError, match='`missing="keep"` keeps it for estimators with `missing="indicator"`'
    ):
        from_long(frame, id="id")
    with pytest.raises(InvalidSequenceError, match=r"Every value must be finite; got inf .* drop the row\.$"):
        from_long(frame.replace(5.0, np.inf), id="id", missing="keep")


def test_infinity_is_always_refused() -> None:
    for X in ([[1.0, np.inf]], np.array([[1.0, np.inf]]), pa.array([[1.0, np.inf]])):
        with pytest.raises(InvalidSequenceError, match=r"got infinity \(inf\) in row 0, step 1"):
            as_sequences(X, missing="keep")


TABLE = np.array([[1.0, NAN, 3.0, NAN], [NAN, 5.0, NAN, NAN]])


@pytest.mark.parametrize(
    ("options", "lengths"),
    [
        ({"padding_value": NAN}, [3, 2]),  # steps of NaN at the end are padding
        ({"padding_value": None}, [4, 4]),  # nothing is padding
        ({"lengths": [4, 3]}, [4, 3]),
    ],
    ids=repr,
)
def test_in_a_padded_table_the_caller_says_what_is_padding(options: Any, lengths: list[int]) -> None:
    kept = as_sequences(TABLE, **options, missing="keep")
    assert kept.lengths.tolist() == lengths
    rows = [row[:n] for row, n in zip(TABLE, lengths, strict=True)]
    np.testing.assert_array_equal(kept.values[:, 0].numpy(), np.concatenate(rows))
    frame = pd.DataFrame(TABLE).astype("Float64")
    np.testing.assert_array_equal(as_sequences(frame, **options, missing="keep").values, kept.values)


def test_nan_at_the_end_of_a_row_has_two_readings_if_something_else_is_padding() -> None:
    message = (
        "NaN at the end of a row must have one reading; got steps of NaN only at the end of row 0, which may be missing values, or "
        "padding although padding_value=0. If they are padding, pass `padding_value=float('nan')`; if values are missing, pass "
        "`lengths`, or `padding_value=None` if no step is padding."
    )
    wide = np.stack([TABLE, TABLE], axis=2)
    for X in (TABLE, wide, torch.tensor(wide), pd.DataFrame(TABLE)):
        with pytest.raises(InvalidSequenceError, match=re.escape(message)):
            as_sequences(X, missing="keep")
    partly = np.stack([TABLE, np.ones_like(TABLE)], axis=2)  # one feature was observed at the last step
    assert as_sequences(partly, missing="keep").lengths.tolist() == [4, 4]


def test_nan_before_the_padding_value_is_missing() -> None:
    kept = as_sequences(np.array([[1.0, NAN, 0.0, 0.0], [2.0, 3.0, 4.0, 5.0]]), missing="keep")
    assert kept.lengths.tolist() == [2, 4]


def test_a_row_of_nothing_but_nan_is_not_a_sequence_if_nan_is_padding() -> None:
    with pytest.raises(
        InvalidSequenceError, match="must have at least one value if NaN is padding; got NaN only in row 1"
    ):
        as_sequences(np.array([[1.0, NAN], [NAN, NAN]]), padding_value=NAN, missing="keep")


def test_rounding_is_checked_between_the_observed_values() -> None:
    seconds = [[1.7e9, NAN, 1.7e9 + 1, 1.7e9 + 2, 1.7e9 + 3]]
    with pytest.raises(InvalidSequenceError, match="Distinct values must stay distinct in float32"):
        as_sequences(seconds, missing="keep")
    assert as_sequences(seconds, missing="keep", dtype=None).values[2].item() == 1.7e9 + 1


def test_sequences_pass_as_they_are() -> None:
    kept = as_sequences(ARRAYS, missing="keep")
    assert as_sequences(kept, missing="keep") is kept
    assert isinstance(kept[[1]], Sequences)


def test_static_features_must_not_be_missing() -> None:
    with pytest.raises(InvalidSequenceError, match=r"`static` must hold finite .* got static\[1\]=nan"):
        as_sequences(ARRAYS, static=[1.0, NAN], missing="keep")


def test_the_parameter_is_checked() -> None:
    calls: list[Any] = [as_sequences, lambda X, **options: from_long(X, id="id", **options)]
    for call in calls:
        with pytest.raises(
            ValueError, match=re.escape("`missing` must be one of ['error', 'keep']; got 'drop'.")
        ):
            call(ARRAYS, missing="drop")
