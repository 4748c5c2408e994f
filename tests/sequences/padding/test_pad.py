"""Padding appends steps to each sequence, and unpadding removes them."""

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
from seqclf.sequences import Sequences, as_sequences, pad, unpad
from strategies import ragged_sequences


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
@given(ragged_sequences())
def test_gradients_flow_both_ways(s: Sequences) -> None:
    values = s.values.clone().requires_grad_()
    weights = torch.arange(1.0, len(values) + 1)[:, None]
    (gradient,) = torch.autograd.grad((unpad(*pad(s.with_values(values))).values * weights).sum(), values)
    assert torch.equal(gradient, weights.expand_as(values))


@settings(deadline=None)
@given(ragged_sequences())
def test_the_input_is_not_changed(s: Sequences) -> None:
    values, offsets, state = s.values.clone(), s.offsets.clone(), torch.get_rng_state()
    padded, lengths = pad(s)
    padded_before = padded.clone()
    unpad(padded, lengths).values.add_(1)
    assert torch.equal(padded, padded_before)
    padded.add_(1)
    assert s == Sequences(values, offsets)
    assert torch.equal(torch.get_rng_state(), state)


def test_an_empty_collection_becomes_an_empty_tensor() -> None:
    padded, lengths = pad(as_sequences([[[1.0, 2.0]]])[:0], total_length=4)
    assert padded.shape == (0, 4, 2)
    assert lengths.tolist() == []


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
            "must not be less than the longest length; got 2, and lengths[1]=3. Cut the sequences",
        ),
        (4.0, TypeError, "`total_length` must be an integer; got 4.0. Use None for the longest length."),
        (True, TypeError, "`total_length` must be an integer; got True."),
    ],
)
def test_an_invalid_total_length_is_named(total_length: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        pad(as_sequences([[4], [1, 2, 3]]), total_length=total_length)
