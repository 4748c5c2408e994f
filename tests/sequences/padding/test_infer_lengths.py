"""Only trailing padding is dropped from the count of steps."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from oracles import length_of
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import _blocks, as_sequences, describe_padding, infer_lengths
from strategies import Padded, padded_tables

NAN = math.nan


def test_a_tiny_case_by_hand() -> None:
    X = [[1.0, 0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 3.0], [0.0, 0.0, 0.0, 0.0, 0.0]]
    lengths = infer_lengths(X)
    assert lengths.tolist() == [3, 5, 1]
    assert lengths.dtype == np.int64
    assert infer_lengths(X, min_length=0).tolist() == [3, 5, 0]
    assert infer_lengths(X, min_length=4).tolist() == [4, 5, 4]


def test_a_step_is_padding_only_if_all_its_features_are() -> None:
    X = np.array([[[1, 0], [0, 0], [0, 2], [0, 0]], [[0, 0], [3, 0], [0, 0], [0, 0]]])
    assert infer_lengths(X).tolist() == [3, 2]


def test_nan_matches_nan() -> None:
    assert infer_lengths([[1.0, NAN, 2.0, NAN], [0.0, NAN, NAN, NAN]], padding_value=NAN).tolist() == [3, 1]
    assert infer_lengths([[1, 2], [3, 0]], padding_value=NAN).tolist() == [2, 2]


def test_missing_values_of_pandas_are_a_padding_value() -> None:
    frame = pd.DataFrame({"t0": [1, 2], "t1": [None, 3], "t2": [None, None]}, dtype="Int64")
    for table in (frame, frame.astype(object)):
        assert infer_lengths(table, padding_value=pd.NA).tolist() == [1, 2]
        assert as_sequences(table, padding_value=pd.NA) == as_sequences([[1], [2, 3]])
        assert describe_padding(table, padding_value=pd.NA).share_padded == 0.5


def test_an_object_array_is_a_padded_table_here() -> None:
    assert infer_lengths(np.array([[1, 0], [2, 3]], dtype=object)).tolist() == [1, 2]


def test_masked_arrays_in_a_list_are_rejected() -> None:
    X = [np.ma.masked_array([1.0, 2.0], mask=[False, True]), np.array([1.0, 2.0])]
    with pytest.raises(InvalidSequenceError, match="X must not hold masked values"):
        infer_lengths(X)


@settings(deadline=None)
@given(padded_tables(), st.sampled_from([0.0, 1.0, -1.5, NAN]), st.integers(0, 1))
def test_lengths_equal_those_of_the_oracle(padded: Padded, padding_value: float, min_length: int) -> None:
    table = padded.table.copy()
    table[table == 1.5] = padding_value
    expected = [max(min_length, length_of(row, padding_value)) for row in table.tolist()]
    got = infer_lengths(table, padding_value=padding_value, min_length=min_length)
    assert got.tolist() == expected
    one_feature = [max(min_length, length_of(row, padding_value)) for row in table[..., :1].tolist()]
    assert (
        infer_lengths(table[..., 0], padding_value=padding_value, min_length=min_length).tolist()
        == one_feature
    )


@settings(deadline=None)
@given(padded_tables())
def test_the_block_size_does_not_matter(padded: Padded) -> None:
    expected = infer_lengths(padded.table)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_blocks, "ELEMENTS_PER_BLOCK", 5)
        np.testing.assert_array_equal(infer_lengths(padded.table), expected)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4", "i1", "u8", "i8", "?"])
def test_any_real_dtype_is_accepted(dtype: str) -> None:
    assert infer_lengths(np.array([[1, 0, 1, 0], [1, 0, 0, 0]], dtype=dtype)).tolist() == [3, 1]


def test_the_memory_layout_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    X = rng.integers(0, 2, size=(20, 6, 3))
    expected = infer_lengths(X)
    np.testing.assert_array_equal(infer_lengths(np.asfortranarray(X)), expected)
    np.testing.assert_array_equal(infer_lengths(np.repeat(X, 2, axis=1)[:, ::2]), expected)
    np.testing.assert_array_equal(infer_lengths(torch.from_numpy(X)), expected)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"padding_value": "0"},
            TypeError,
            "`padding_value` must be a number, which includes NaN and infinity; got '0'.",
        ),
        (
            {"padding_value": None},
            TypeError,
            "`padding_value` must be a number, which includes NaN and infinity; got None.",
        ),
        ({"min_length": 1.0}, TypeError, "`min_length` must be an integer; got 1.0."),
        ({"min_length": True}, TypeError, "`min_length` must be an integer; got True."),
        ({"min_length": -1}, ValueError, "`min_length` must lie between 0 and the 3 steps of a row; got -1."),
        ({"min_length": 4}, ValueError, "`min_length` must lie between 0 and the 3 steps of a row; got 4."),
    ],
)
def test_an_invalid_parameter_is_named(arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        infer_lengths(np.zeros((2, 3)), **arguments)


def test_a_ragged_list_is_rejected() -> None:
    with pytest.raises(
        InvalidSequenceError, match=r"same number of steps; got unequal numbers\. Pass a list of"
    ):
        infer_lengths([[1.0], [1.0, 2.0]])
