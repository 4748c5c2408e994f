"""Times of steps -> the time since the previous step."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from seqclf import InvalidSequenceError, as_sequences
from seqclf.transforms import TimeDeltas
from strategies import Floats, ragged_arrays

X = [[[5.0, 100.0], [4.0, 100.5], [9.0, 103.5]], [[1.0, 7.0]]]


def test_a_tiny_case_by_hand() -> None:
    replaced = TimeDeltas(column=1).fit_transform(X)
    assert replaced.values.tolist() == [[5.0, 0.0], [4.0, 0.5], [9.0, 3.0], [1.0, 0.0]]
    kept = TimeDeltas(column=1, keep=True).fit_transform(X)
    assert kept.values[:, :2].tolist() == as_sequences(X).values.tolist()
    assert kept.values[:, 2].tolist() == [0.0, 0.5, 3.0, 0.0]
    logarithm = TimeDeltas(column=1, log=True).fit_transform(X).values[:, 1]
    np.testing.assert_allclose(logarithm.numpy(), np.log([1.0, 1.5, 4.0, 1.0]))


@settings(deadline=None, max_examples=50)
@given(ragged_arrays(n_features=1))
def test_the_cumulative_sum_plus_the_first_time_gives_the_times_back(arrays: list[Floats]) -> None:
    times = as_sequences([np.cumsum(np.abs(steps.astype(np.float64))) for steps in arrays], dtype="float64")
    deltas = TimeDeltas().fit_transform(times)
    assert torch.equal(deltas.offsets, times.offsets)
    for original, since in zip(times, deltas, strict=True):
        torch.testing.assert_close(original[0] + since.cumsum(0), original)


def test_names_say_what_a_feature_is() -> None:
    assert TimeDeltas(column=1).fit(X).get_feature_names_out().tolist() == ["x0", "delta_x1"]
    kept = TimeDeltas(column=1, keep=True).fit(X)
    assert kept.get_feature_names_out(["pulse", "time"]).tolist() == ["pulse", "time", "delta_time"]


def test_a_time_that_decreases_is_named() -> None:
    later = [[1.0, 2.0], [0.5, 3.0, 2.5]]  # the next sequence may start earlier
    message = "Times must not decrease within a sequence; got 2.5 after 3.0 in row 1, step 2 of feature 0. Sort the steps"
    for call in (TimeDeltas().fit_transform, TimeDeltas().fit([[1.0]]).transform):
        with pytest.raises(InvalidSequenceError, match=re.escape(message)):
            call(later)
    assert TimeDeltas().fit_transform([[1.0, 1.0, 2.0]]).values.flatten().tolist() == [0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"column": 2}, ValueError, "`column` must be the index of one of the 2 features, from 0; got 2."),
        ({"column": -1}, ValueError, "`column` must be at least 0"),
        ({"column": "time"}, TypeError, "`column` must be an integer"),
        ({"log": 1}, TypeError, "`log` must be True or False; got 1."),
        ({"keep": None}, TypeError, "`keep` must be True or False; got None."),
    ],
    ids=repr,
)
def test_errors_name_the_parameter(options: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        TimeDeltas(**options).fit(X)
