"""Scores of an epoch, by hand and against scikit-learn."""

from __future__ import annotations

import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from seqclf.training._tally import Tally


def logits_for(classes: list[int], n_classes: int) -> torch.Tensor:
    return torch.nn.functional.one_hot(torch.tensor(classes), n_classes).float()


def test_a_tiny_case_by_hand() -> None:
    tally = Tally()
    tally.add(torch.tensor(1.0), logits_for([0, 0, 1], 3), torch.tensor([0, 1, 1]))
    tally.add(torch.tensor(5.0), logits_for([0], 3), torch.tensor([0]))
    scores = tally.scores()
    assert scores.loss == pytest.approx((3 * 1.0 + 5.0) / 4)
    assert scores.accuracy == pytest.approx(3 / 4)
    # F1 of class 0: 2 * 2 / (2 + 3); of class 1: 2 * 1 / (2 + 1); class 2 does not occur and is not counted.
    assert scores.macro_f1 == pytest.approx((4 / 5 + 2 / 3) / 2)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30), st.integers(1, 7))
def test_scores_equal_those_of_scikit_learn(pairs: list[tuple[int, int]], batch_size: int) -> None:
    tally = Tally()
    for start in range(0, len(pairs), batch_size):
        target, predicted = zip(*pairs[start : start + batch_size], strict=True)
        tally.add(torch.tensor(0.0), logits_for(list(predicted), 4), torch.tensor(target))
    truth, predicted = zip(*pairs, strict=True)
    scores = tally.scores()
    assert scores.accuracy == pytest.approx(accuracy_score(truth, predicted))
    assert scores.macro_f1 == pytest.approx(f1_score(truth, predicted, average="macro"))


def test_no_autograd_graph_is_kept() -> None:
    logits = torch.zeros(1, 2, requires_grad=True)
    tally = Tally()
    tally.add(logits.sum(), logits, torch.tensor([0]))
    assert tally._loss is not None
    assert not tally._loss.requires_grad


def test_an_epoch_without_batches_is_rejected() -> None:
    with pytest.raises(
        ValueError,
        match=re.escape("An epoch must have at least one batch; got none. Does the sampler yield any?"),
    ):
        Tally().scores()


def test_memory_is_linear_in_the_number_of_classes() -> None:
    """A confusion matrix of 20,000 x 20,000 would take 3 GB."""
    tally, n_classes = Tally(), 20_000
    logits = torch.zeros(2, n_classes)
    logits[1, n_classes - 1] = 1.0
    tally.add(torch.tensor(0.0), logits, torch.tensor([0, n_classes - 1]))
    assert (tally.scores().accuracy, tally.scores().macro_f1) == (1.0, 1.0)
