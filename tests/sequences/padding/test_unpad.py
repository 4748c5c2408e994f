"""Unpadding keeps the first steps of each row."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import _blocks, as_sequences, unpad
from seqclf.sequences.padding._unpad import keep_real_steps
from strategies import Padded, padded_tables


@pytest.mark.parametrize("make", [np.array, torch.tensor])
def test_a_tiny_case_by_hand(make: Any) -> None:
    s = unpad(make([[1.0, 9.0], [2.0, 3.0]]), [1, 2])
    assert s.values.tolist() == [[1.0], [2.0], [3.0]]
    assert s.offsets.tolist() == [0, 1, 3]


@settings(deadline=None)
@given(padded_tables(garbage=True))
def test_the_block_size_does_not_matter(padded: Padded) -> None:
    s = keep_real_steps(padded.table, padded.lengths, advice="")
    np.testing.assert_array_equal(s.values.numpy(), np.concatenate(padded.arrays))
    assert s.lengths.tolist() == padded.lengths.tolist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_blocks, "ELEMENTS_PER_BLOCK", 7)
        assert keep_real_steps(padded.table, padded.lengths, advice="") == s


@settings(deadline=None)
@given(padded_tables(garbage=True))
def test_steps_after_the_lengths_are_never_read(padded: Padded) -> None:
    expected = as_sequences(padded.arrays)
    assert unpad(padded.table, padded.lengths) == expected
    table = torch.tensor(padded.table)
    assert unpad(table, padded.lengths) == expected
    assert unpad(table[..., 0], padded.lengths) == expected.with_values(expected.values[:, :1])
    np.testing.assert_array_equal(table.numpy(), padded.table)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.int32])
def test_unpadding_gives_float32(dtype: torch.dtype) -> None:
    s = unpad(torch.tensor([[1, 2], [3, 4]], dtype=dtype), [2, 1])
    assert s == as_sequences([[1, 2], [3]])
    assert s.values.dtype == torch.float32


@pytest.mark.parametrize("make", [np.array, torch.tensor])
@pytest.mark.parametrize(
    ("table", "lengths", "message"),
    [
        ([[1.0, 2.0]], [3], "`lengths` must not exceed the 2 padded steps; got lengths[0]=3."),
        ([[1.0, 2.0]], [0], "`lengths` must be at least 1; got lengths[0]=0."),
        ([[1.0, 2.0]], [1, 1], "one length for each of the 1 sequences; got shape (2,)."),
        ([1.0, 2.0], [1, 1], "got shape (2,). Reshape your data"),
        (
            [[1.0, math.nan]],
            [2],
            "must be finite; got NaN in row 0, step 1, feature 0. Fill it in first; if it is padding, shorten `lengths`.",
        ),
    ],
)
def test_invalid_arrays_and_lengths_are_named(make: Any, table: Any, lengths: Any, message: str) -> None:
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        unpad(make(table), lengths)


def test_a_value_beyond_float32_is_named() -> None:
    table = torch.tensor([[[1.0, 1.0]], [[1.0, 1e300]]], dtype=torch.float64)
    with pytest.raises(InvalidSequenceError, match=r"got 1e\+300 in row 1, step 0, feature 1"):
        unpad(table, [1, 1])


def test_unpadding_needs_lengths() -> None:
    with pytest.raises(
        TypeError, match=r"one length for each row; got None\. Use `as_sequences` to infer the lengths"
    ):
        unpad([[1.0]], None)
