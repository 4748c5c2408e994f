"""Differences between consecutive steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from seqclf import Differences, InvalidSequenceError, Sequences, as_sequences
from strategies import ragged_sequences

X = [[1.0, 3.0, 2.0], [5.0]]


def test_a_tiny_case_by_hand() -> None:
    appended = Differences().fit_transform(X)
    assert appended.values.tolist() == [[1.0, 0.0], [3.0, 2.0], [2.0, -1.0], [5.0, 0.0]]
    assert appended.lengths.tolist() == [3, 1]
    assert Differences(append=False).fit_transform(X).values.flatten().tolist() == [0.0, 2.0, -1.0, 0.0]


@settings(deadline=None, max_examples=50)
@given(ragged_sequences())
def test_the_cumulative_sum_plus_the_first_value_gives_the_feature_back(sequences: Sequences) -> None:
    differences = Differences(append=False).fit_transform(sequences.double())
    assert torch.equal(differences.offsets, sequences.offsets)
    for original, steps in zip(sequences.double(), differences, strict=True):
        torch.testing.assert_close(original[0] + steps.cumsum(0), original)


def test_names_say_what_a_feature_is() -> None:
    assert Differences().fit([[[1.0, 2.0]]]).get_feature_names_out().tolist() == [
        "x0",
        "x1",
        "diff_x0",
        "diff_x1",
    ]
    replaced = Differences(append=False).fit([[[1.0, 2.0]]])
    assert replaced.get_feature_names_out(["a", "b"]).tolist() == ["diff_a", "diff_b"]


def test_a_difference_that_overflows_is_named() -> None:
    wide = as_sequences([np.array([3e38, -3e38], dtype=np.float32)])
    with pytest.raises(
        InvalidSequenceError, match=r"must not overflow float32 .* got 3e\+38 in step 0, feature 0 of row 0"
    ):
        Differences().fit_transform(wide)


@pytest.mark.parametrize("append", [1, "yes", None])
def test_append_must_be_a_bool(append: Any) -> None:
    with pytest.raises(TypeError, match="`append` must be True or False; got"):
        Differences(append=append).fit(X)
