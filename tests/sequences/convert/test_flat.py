"""Tuples of values and lengths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given

from ramps import ramps, small
from seqclf import InvalidSequenceError, as_sequences
from seqclf.sequences.convert._flat import from_flat, is_flat
from strategies import Floats, ragged_arrays


def test_a_tiny_case_by_hand() -> None:
    s = as_sequences((np.array([1.0, 0.0, 2.0]), np.array([2, 1])))
    assert [steps.flatten().tolist() for steps in s] == [[1.0, 0.0], [2.0]]


@given(ragged_arrays(n_features=2))
def test_values_and_lengths_are_the_sequences_they_come_from(arrays: list[Floats]) -> None:
    values, lengths = np.concatenate(arrays), np.array([len(array) for array in arrays])
    expected = as_sequences(arrays)
    for flat in (
        (values, lengths),
        (torch.from_numpy(values), torch.from_numpy(lengths)),
        (pd.DataFrame(values), pd.Series(lengths)),
    ):
        assert is_flat(flat)
        assert from_flat(flat) == as_sequences(flat) == expected


@pytest.mark.parametrize(
    "X",
    [
        (np.ones(3), np.ones(2)),  # two sequences of floats
        (np.ones(3), np.array([1, 1])),  # another sum
        ([1.0, 2.0, 3.0], [1, 2]),  # lists are sequences
        (np.ones(3), np.array([1, 1]), np.array([1])),
    ],
)
def test_other_tuples_are_lists_of_sequences(X: Any) -> None:
    assert as_sequences(X) == as_sequences(list(X))


def test_a_length_of_zero_is_refused() -> None:
    with pytest.raises(InvalidSequenceError, match="must have at least one step; got none in row 1"):
        as_sequences((np.ones(3), np.array([3, 0])))


def test_two_readings_are_refused() -> None:
    with pytest.raises(
        InvalidSequenceError,
        match=r"must have one reading; got shapes \(3,\) and \(2,\).*Pass `list\(X\)` if",
    ):
        as_sequences((np.array([4, 5, 6]), np.array([1, 2])))


def test_estimators_accept_them() -> None:
    data = ramps(12)
    flat = (np.concatenate(data.arrays), data.lengths)
    model = small(max_epochs=1).fit(flat, data.y)
    np.testing.assert_array_equal(model.predict_proba(flat), model.predict_proba(data.arrays))
