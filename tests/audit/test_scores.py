"""Probabilities and logits of any shape become probabilities."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch

from seqclf.audit import audit_padding
from seqclf.audit._scores import as_scores, kind_of, to_probabilities


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([[0.2, 0.8], [0.5, 0.5]], [[0.2, 0.8], [0.5, 0.5]]),
        ([0.8, 0.5], [[0.2, 0.8], [0.5, 0.5]]),
        ([[0.8], [0.5]], [[0.2, 0.8], [0.5, 0.5]]),
        ([np.log(4), 0.0], [[0.2, 0.8], [0.5, 0.5]]),
        ([[1.0, 1.0 + np.log(4)], [3.0, 3.0]], [[0.2, 0.8], [0.5, 0.5]]),
        (torch.tensor([[0.0, np.log(4)], [-3.0, -3.0]], requires_grad=True), [[0.2, 0.8], [0.5, 0.5]]),
        ([-1e9, 1e9], [[1.0, 0.0], [0.0, 1.0]]),
    ],
)
def test_scores_become_probabilities(scores: Any, expected: list[list[float]]) -> None:
    array = as_scores(scores, 2)
    np.testing.assert_allclose(to_probabilities(array, kind_of(array)), expected, atol=1e-7)


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (np.zeros((3, 2)), "`model` must return scores of shape (2, n_classes) or (2,) for 2 sequences; got (3, 2)."),
        (np.zeros((2, 2, 2)), "for 2 sequences; got (2, 2, 2). Return one row per sequence."),
        ([0.5, np.nan], "`model` must return finite scores; got [nan] for row 1. Do its weights contain NaN?"),
    ],
)  # fmt: skip
def test_scores_that_are_not_one_finite_row_per_sequence_are_refused(scores: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        audit_padding(lambda table: scores, np.array([[0.5, 0.0], [0.2, 0.3]]))
