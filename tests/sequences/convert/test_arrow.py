"""Arrow list arrays become `Sequences`, without a copy where possible."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences, as_sequences
from strategies import ragged_sequences

EXPECTED = as_sequences([[1, 2], [3], [4, 5, 6]])
LISTS = [[1.0, 2.0], [3.0], [4.0, 5.0, 6.0]]


@settings(deadline=None)
@given(ragged_sequences())
def test_round_trips_change_nothing(s: Sequences) -> None:
    assert as_sequences(s.to_arrow()) == s
    assert as_sequences(pa.chunked_array([s.to_arrow(), s.to_arrow()])) == Sequences.concatenate([s, s])
    if len(s) > 2:
        assert as_sequences(s.to_arrow()[1:-1]) == s[1:-1]


def test_a_float32_array_is_not_copied() -> None:
    array = as_sequences([[[1, 2], [3, 4]], [[5, 6]]]).to_arrow()
    assert as_sequences(array).values.data_ptr() == array.flatten().flatten().buffers()[1].address


@pytest.mark.parametrize("outer", [pa.list_, pa.large_list])
@pytest.mark.parametrize(
    "inner", [pa.float16(), pa.float32(), pa.float64(), pa.int8(), pa.uint64(), pa.int64()]
)
def test_lists_of_any_number_type_are_accepted(outer: Any, inner: Any) -> None:
    values = [[np.float16(x) if inner == pa.float16() else int(x) for x in row] for row in LISTS]
    array = pa.array(values, type=outer(inner))
    assert as_sequences(array) == EXPECTED
    assert as_sequences(array[1:]) == EXPECTED[1:]
    assert as_sequences(pa.table({"signal": array})["signal"]) == EXPECTED


def test_fixed_size_lists_are_accepted() -> None:
    rows = pa.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], type=pa.list_(pa.float32(), 2))
    assert as_sequences(rows[1:]) == as_sequences([[3, 4], [5, 6]])
    steps = pa.array([[[1.0, 2.0]], [[3.0, 4.0]]], type=pa.list_(pa.list_(pa.float64(), 2), 1))
    assert as_sequences(steps) == as_sequences([[[1, 2]], [[3, 4]]])
    assert as_sequences(pa.array([[True], [False, True]])) == as_sequences([[1], [0, 1]])


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (pa.array([[1.0], None]), "X must not hold nulls; got a null row in row 1. Drop it, or fill it in"),
        (pa.array([[1.0], [2.0, None]]), "got a null value in row 1."),
        (pa.array([[1.0], [2.0, None]])[1:], "got a null value in row 0."),
        (
            pa.array(
                [[[1.0, 1.0], [1.0, 1.0]], [[2.0, 2.0], None]], type=pa.list_(pa.list_(pa.float32(), 2))
            ),
            "got a null step in row 1.",
        ),
        (
            pa.array([[[1.0, 1.0], [1.0, 1.0]], [[2.0, None]]], type=pa.list_(pa.list_(pa.float32(), 2))),
            "got a null value in row 1.",
        ),
        (pa.array([[1.0], []]), "Every sequence must have at least one step; got none in row 1."),
        (
            pa.array([], type=pa.list_(pa.float32())),
            "Found array with 0 sample(s) while a minimum of 1 is required",
        ),
        (pa.array([["a"]]), "Every value of X must be a number; got Arrow values of type string in row 0."),
        (
            pa.array([[[[1.0]]]]),
            "got Arrow values of type list<item: double> in row 0. A list must hold numbers, or lists",
        ),
        (pa.array([[1.0], [1.0, float("nan")]]), "must be finite; got NaN in row 1, step 1, feature 0."),
        (
            pa.array([[1.0], [1e300]]),
            "must fit float32 (at most 3.4e38); got 1e+300 in row 1, step 0, feature 0.",
        ),
    ],
)
def test_the_first_invalid_row_is_named(array: Any, message: str) -> None:
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        as_sequences(array)


@pytest.mark.parametrize(
    ("X", "got"), [(pa.array([1.0, 2.0]), "type double"), (pa.table({"a": [[1.0]]}), "Table")]
)
def test_arrow_data_other_than_lists_are_a_type_error(X: Any, got: str) -> None:
    with pytest.raises(TypeError, match=f"must be an array of lists, one list per sequence; got {got}"):
        as_sequences(X)


def test_lists_of_equally_long_lists_are_steps_of_several_features() -> None:
    array = pa.array([[[9, 9]], [[1, 2], [3, 4]], [[5, 6]]])
    assert as_sequences(array[1:]) == as_sequences([[[1, 2], [3, 4]], [[5, 6]]])
    assert as_sequences(pa.chunked_array([array[1:2], array[2:]])) == as_sequences(array[1:])
    with pytest.raises(
        InvalidSequenceError, match=r"got 2 in row 0, step 0 and 1 in row 1, step 1\. Fill in"
    ):
        as_sequences(pa.array([[[9, 9]], [[1, 2], [3]]]))
    with pytest.raises(InvalidSequenceError, match="at least one; got 0 in row 0, step 0"):
        as_sequences(pa.array([[[]], [[]]], type=pa.list_(pa.list_(pa.int8()))))
    with pytest.raises(InvalidSequenceError, match="null step in row 1"):
        as_sequences(pa.array([[[1.0]], [[2.0], None]]))
    with pytest.raises(InvalidSequenceError, match="at least one step; got none in row 0"):
        as_sequences(pa.array([[], []], type=pa.list_(pa.list_(pa.int8()))))
