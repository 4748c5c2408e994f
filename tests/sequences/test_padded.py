"""Padding writes a rectangle, unpadding reads it back by its lengths."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from oracles import pad_one
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences, as_sequences, pad, unpad
from strategies import Padded, padded_tables, ragged_sequences


def test_a_tiny_case_by_hand() -> None:
    padded, lengths = pad(as_sequences([[1, 2, 3], [4]]), padding_value=-1, total_length=4)
    assert padded.tolist() == [[[1], [2], [3], [-1]], [[4], [-1], [-1], [-1]]]
    assert lengths.tolist() == [3, 1]
    assert unpad(padded, lengths).values.flatten().tolist() == [1, 2, 3, 4]


@settings(deadline=None)
@given(
    ragged_sequences(),
    st.sampled_from([0.0, 5.0, math.inf, math.nan]),
    st.none() | st.integers(0, 3),
    st.data(),
)
def test_padding_equals_that_of_the_oracle(
    s: Sequences, padding_value: float, extra: int | None, data: st.DataObject
) -> None:
    s = s[data.draw(st.permutations(range(len(s))))]
    longest = int(s.lengths.max())
    width = longest + (extra or 0)
    padded, lengths = pad(s, padding_value=padding_value, total_length=None if extra is None else width)
    expected = [pad_one(one.numpy(), width, padding_value) for one in s]
    np.testing.assert_array_equal(padded.numpy(), np.array(expected, dtype=np.float32))
    assert torch.equal(lengths, s.lengths)
    assert unpad(padded, lengths) == s
    assert unpad(padded.numpy(), lengths.numpy()) == s
    assert as_sequences(padded, lengths=s.lengths) == s


@settings(deadline=None)
@given(padded_tables(garbage=True))
def test_garbage_behind_the_lengths_is_never_read(padded: Padded) -> None:
    expected = as_sequences(padded.arrays)
    assert unpad(padded.table, padded.lengths) == expected
    table = torch.tensor(padded.table)
    assert unpad(table, padded.lengths) == expected
    assert unpad(table[..., 0], padded.lengths) == expected.with_values(expected.values[:, :1])
    np.testing.assert_array_equal(table.numpy(), padded.table)


@settings(deadline=None)
@given(ragged_sequences())
def test_gradients_flow_both_ways(s: Sequences) -> None:
    values = s.values.clone().requires_grad_()
    weights = torch.arange(1.0, len(values) + 1)[:, None]
    (gradient,) = torch.autograd.grad((unpad(*pad(s.with_values(values))).values * weights).sum(), values)
    assert torch.equal(gradient, weights.expand_as(values))


@settings(deadline=None)
@given(ragged_sequences())
def test_input_stays_as_it_is(s: Sequences) -> None:
    values, offsets, state = s.values.clone(), s.offsets.clone(), torch.get_rng_state()
    padded, lengths = pad(s)
    padded_before = padded.clone()
    unpad(padded, lengths).values.add_(1)
    assert torch.equal(padded, padded_before)
    padded.add_(1)
    assert s == Sequences(values, offsets)
    assert torch.equal(torch.get_rng_state(), state)


def test_an_empty_collection_is_padded_to_nothing() -> None:
    padded, lengths = pad(as_sequences([[[1.0, 2.0]]])[:0], total_length=4)
    assert padded.shape == (0, 4, 2)
    assert lengths.tolist() == []


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.int32])
def test_unpadding_gives_float32(dtype: torch.dtype) -> None:
    s = unpad(torch.tensor([[1, 2], [3, 4]], dtype=dtype), [2, 1])
    assert s == as_sequences([[1, 2], [3]])
    assert s.values.dtype == torch.float32


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_padding_works_on_a_gpu() -> None:
    s = as_sequences([[1, 2, 3], [4]]).to("cuda")
    padded, lengths = pad(s)
    assert padded.device.type == lengths.device.type == "cuda"
    assert unpad(padded, lengths) == s


@pytest.mark.parametrize(
    ("total_length", "error", "message"),
    [
        (
            2,
            ValueError,
            "must not be shorter than the longest sequence; got 2, and lengths[1]=3. Cut the sequences",
        ),
        (4.0, TypeError, "`total_length` must be an integer; got 4.0. None takes the longest sequence."),
        (True, TypeError, "`total_length` must be an integer; got True."),
    ],
)
def test_a_wrong_total_length_is_named(total_length: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        pad(as_sequences([[4], [1, 2, 3]]), total_length=total_length)


@pytest.mark.parametrize("make", [np.array, torch.tensor])
@pytest.mark.parametrize(
    ("table", "lengths", "message"),
    [
        ([[1.0, 2.0]], [3], "`lengths` must not exceed the 2 padded steps; got lengths[0]=3."),
        ([[1.0, 2.0]], [0], "`lengths` must be at least 1; got lengths[0]=0."),
        ([[1.0, 2.0]], [1, 1], "one length for each of the 1 sequences; got shape (2,)."),
        ([1.0, 2.0], [1, 1], "got shape (2,). Reshape your data"),
        ([[1.0, math.nan]], [2], "must be finite; got NaN in row 0, step 1, feature 0."),
    ],
)
def test_a_rectangle_that_does_not_fit_is_named(make: Any, table: Any, lengths: Any, message: str) -> None:
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        unpad(make(table), lengths)


def test_a_value_beyond_float32_is_named() -> None:
    table = torch.tensor([[[1.0, 1.0]], [[1.0, 1e300]]], dtype=torch.float64)
    with pytest.raises(InvalidSequenceError, match=r"got 1e\+300 in row 1, step 0, feature 1"):
        unpad(table, [1, 1])


def test_unpadding_needs_lengths() -> None:
    with pytest.raises(
        TypeError, match=r"one length for each row; got None\. To guess them use `as_sequences`"
    ):
        unpad([[1.0]], None)
