"""A list is always a list of sequences."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import as_sequences
from seqclf.sequences.convert._lists import from_list
from strategies import Floats, ragged_arrays


def test_a_tiny_case_by_hand() -> None:
    s = from_list([[1, 2], [3, 4, 5]])
    assert s.values.tolist() == [[1.0], [2.0], [3.0], [4.0], [5.0]]
    assert s.offsets.tolist() == [0, 2, 5]
    assert s.values.dtype == torch.float64
    assert from_list([np.ones(2, np.float32), np.ones(1, np.int16)]).values.dtype == torch.float32


@settings(deadline=None)
@given(ragged_arrays())
def test_lists_of_any_array_type_give_the_same_sequences(arrays: list[Floats]) -> None:
    expected = from_list(arrays)
    np.testing.assert_array_equal(expected.values.numpy(), np.concatenate(arrays))
    assert expected.lengths.tolist() == [len(array) for array in arrays]
    objects = np.empty(len(arrays), dtype=object)
    objects[:] = arrays
    for form in (
        tuple(arrays),
        objects,
        pd.Series(arrays),
        [array.tolist() for array in arrays],
        [torch.tensor(array) for array in arrays],
        [np.asfortranarray(array.astype(np.float64)) for array in arrays],
        [pd.DataFrame(array) for array in arrays],
    ):
        assert as_sequences(form) == expected


def test_nothing_is_stripped_from_a_list() -> None:
    X = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    assert as_sequences(X.tolist()).lengths.tolist() == [3, 3]
    assert as_sequences(list(X)).lengths.tolist() == [3, 3]
    assert as_sequences(X).lengths.tolist() == [1, 1]


@pytest.mark.parametrize(
    "rows", [[[1, 0, 0], [2, 3, 0, 0]], [[1, 0, 0], [2, 3, 0]], [[[1, 0], [0, 0]], [[2, 3], [0, 0]]]]
)
def test_an_object_array_is_a_list_of_sequences_also_if_they_are_equally_long(rows: list[Any]) -> None:
    array = np.array(rows, dtype=object)
    one_by_one = np.empty(2, dtype=object)
    one_by_one[:] = [np.array(row) for row in rows]
    expected = as_sequences(rows)
    assert expected.values.shape[0] == sum(map(len, rows))
    assert as_sequences(array) == as_sequences(one_by_one) == expected
    assert as_sequences(array[1:]) == expected[1:]  # a prediction does not depend on its neighbours
    assert as_sequences(array, padding_value=1) == expected


def test_a_series_of_equally_long_fixed_size_lists_is_a_list_of_sequences() -> None:
    class Series:  # as polars: `to_numpy` stacks the lists
        shape = (2,)

        def to_numpy(self) -> Any:
            return np.array([[1.0, 0.0], [2.0, 3.0]])

    assert as_sequences(Series()) == as_sequences([[1, 0], [2, 3]])


def test_dtypes_and_shapes_of_one_feature_can_be_mixed() -> None:
    s = as_sequences([[1, 2], np.array([[3.5], [4.5]]), torch.tensor([5], dtype=torch.int8), [True]])
    assert s.values.flatten().tolist() == [1, 2, 3.5, 4.5, 5, 1]
    assert s.lengths.tolist() == [2, 2, 1, 1]


def test_memory_is_not_shared() -> None:
    array = np.ones((3, 1), dtype=np.float32)
    as_sequences([array]).values[:] = 2
    assert array.tolist() == [[1.0]] * 3


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([], "Found array with 0 sample(s) while a minimum of 1 is required; got an empty list."),
        ([[1.0], []], "Every sequence must have at least one step; got none in row 1. Drop empty sequences."),
        ([[[1.0]], np.zeros((0, 1))], "at least one step; got none in row 1."),
        (
            [1.0, 2.0],
            "Expected a list of sequences, each with its own steps; got the number 1.0 in row 0. Reshape your data",
        ),
        ([[1.0], 2.0], "got the number 2.0 in row 1. Reshape your data"),
        ([np.zeros((1, 1, 1))], "shape (n_steps,) or (n_steps, n_features); got (1, 1, 1) in row 0."),
        (
            [np.zeros((2, 3)), np.zeros((4, 2))],
            "same number of features; got 3 in row 0 and 2 in row 1. Fill in",
        ),
        ([np.zeros((9, 3)), np.zeros((9, 2))], "got 3 in row 0 and 2 in row 1. Fill in"),
        (
            [np.zeros((3, 187)), np.zeros((3, 40)), np.zeros((3, 41))],
            "All sequences must have the same number of features; got 3 rows each and 40 to 187 columns: "
            "are they (channels, time)? Pass `[x.T for x in X]`.",
        ),
        (
            [pd.DataFrame([[1, 2]]), [[1.0, 2.0, 3.0]]],
            "got 1 row each and 2 to 3 columns: are they (channels",
        ),
        ([np.zeros((2, 2)), np.zeros(4)], "same number of features; got 2 in row 0 and 1 in row 1."),
        (
            [np.zeros((2, 0))],
            "0 feature(s) (shape=(2, 0)) while a minimum of 1 is required; got it in row 0.",
        ),
        (
            [[[1.0]], [[1.0, 2.0], [3.0]]],
            "same number of features; got unequal numbers in row 1. Fill in the missing",
        ),
        ([[1.0], ["a", "b"]], "Every value of X must be a number; got text in row 1."),
        ([[1.0], np.array([1, "a"], dtype=object)], "got the text 'a' in row 1, step 1."),
        ([[1.0], [1j]], "Complex data not supported: every value must be real; got complex values in row 1."),
        ([[1.0], [2.0, None]], "Every real step must be finite; got NaN in row 1, step 1, feature 0."),
        ([[1.0], [[2.0, 1.0], [np.inf, 0.0]][1:]], "same number of features; got 1 in row 0 and 2 in row 1."),
        ([[1.0], [2.0, -np.inf]], "got infinity (-inf) in row 1, step 1, feature 0. Fill in or drop"),
        ([[1.0], [2.0, 1e39]], "must fit float32 (at most 3.4e38); got 1e+39 in row 1, step 1, feature 0."),
        ([[1.0], [10**400]], "must fit float32 (at most 3.4e38); got a larger integer in row 1, step 0."),
        ([[1.0], np.ma.masked_array([1.0], mask=[True])], "got a masked array in row 1."),
        (
            np.array([[1, 0], [np.nan, 0]], dtype=object),
            "got NaN in row 1, step 0, feature 0. Fill in or drop",
        ),
        (np.array([1, 2], dtype=object), "got the number 1 in row 0. Reshape your data"),
        (np.zeros((0, 3), dtype=object), "Found array with 0 sample(s)"),
    ],
)
def test_the_first_invalid_row_is_named(X: Any, message: str) -> None:
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        as_sequences(X)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([[1.0], None], "Row 1 of X must be an array or a list of numbers; got NoneType."),
        (["abc", "de"], "Row 0 of X must be an array or a list of numbers; got str."),
        ([[1.0], {"a": 1}], "Row 1 of X must be an array or a list of numbers; got dict."),
        ([[1.0], [1.0, {}]], "got {} in row 1, step 1 (float() argument must be"),
    ],
)
def test_a_row_that_is_not_a_sequence_is_a_type_error(X: Any, message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        as_sequences(X)


def test_an_empty_sequence_among_several_features_is_named() -> None:
    with pytest.raises(InvalidSequenceError, match="at least one step; got none in row 1"):
        as_sequences([[[1.0, 2.0], [3.0, 4.0]], []])
