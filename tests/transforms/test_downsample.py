"""Fewer steps per sequence: one for each window of consecutive steps."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqclf import Sequences, as_sequences
from seqclf.transforms import Downsample
from strategies import ragged_sequences

X = [[1.0, 3.0, 5.0, 7.0, 12.0], [2.0], [4.0, 0.0]]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"factor": 2}, [[2.0, 6.0, 12.0], [2.0], [2.0]]),
        ({"factor": 2, "aggregation": "first"}, [[1.0, 5.0, 12.0], [2.0], [4.0]]),
        ({"factor": 2, "aggregation": "last"}, [[3.0, 7.0, 12.0], [2.0], [0.0]]),
        ({"factor": 2, "aggregation": "min"}, [[1.0, 5.0, 12.0], [2.0], [0.0]]),
        ({"factor": 2, "aggregation": "max"}, [[3.0, 7.0, 12.0], [2.0], [4.0]]),
        ({"factor": 10}, [[5.6], [2.0], [2.0]]),
        ({"max_length": 2}, [[3.0, 9.5], [2.0], [4.0, 0.0]]),
        ({"max_length": 1}, [[5.6], [2.0], [2.0]]),
        ({"max_length": 5}, X),
        ({"factor": 2, "max_length": 2}, [[3.0, 9.5], [2.0], [2.0]]),
        ({"factor": np.int64(2), "max_length": np.int64(9)}, [[2.0, 6.0, 12.0], [2.0], [2.0]]),
    ],
    ids=repr,
)
def test_a_tiny_case_by_hand(options: dict[str, Any], expected: list[list[float]]) -> None:
    assert Downsample(**options).fit_transform(X) == as_sequences(expected, dtype="float64")


@settings(deadline=None, max_examples=100)
@given(ragged_sequences(max_length=20), st.integers(1, 6), st.integers(1, 8))
def test_it_agrees_with_a_loop_over_sequences(sequences: Sequences, factor: int, most: int) -> None:
    reduced = Downsample(factor=factor, max_length=most).fit_transform(sequences.double())
    assert (reduced.lengths <= most).all()
    for steps, windows in zip(sequences.double(), reduced, strict=True):
        size = max(factor, -(-len(steps) // most))
        assert len(windows) == -(-len(steps) // size)
        expected = torch.stack([window.mean(dim=0) for window in torch.split(steps, size)])
        torch.testing.assert_close(windows, expected)


def test_a_mean_of_float32_is_computed_in_float64() -> None:
    steps = np.array([2.0**24, 1.0, 1.0, 1.0], dtype=np.float32)
    assert Downsample(factor=4).fit_transform([steps]).values.item() == 2.0**22 + 1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, ValueError, "`factor` or `max_length` must be given: factor=1 keeps every step. Pass"),
        ({"factor": 0}, ValueError, "`factor` must be at least 1"),
        ({"factor": 2.0}, TypeError, "`factor` must be an integer"),
        ({"max_length": 0}, ValueError, "`max_length` must be at least 1"),
        ({"factor": 2, "aggregation": "sum"}, ValueError, "`aggregation` must be one of ['mean', 'min', 'max', "),
    ],
    ids=repr,
)  # fmt: skip
def test_errors_name_the_parameter(options: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        Downsample(**options).fit(X)
