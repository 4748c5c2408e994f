"""Scores computed by hand from small confusion matrices."""

from __future__ import annotations

import numpy as np
import pytest

from seqclf.evaluation._counts import Counts
from seqclf.evaluation._scores import (
    average_scores,
    balanced_accuracy,
    class_scores,
    cohen_kappa,
    matthews_correlation,
)

# 6 samples of class 0 (4 correct), 2 of class 1 (both correct), 2 of class 2 (never predicted).
CONFUSION = Counts.of_matrix(np.array([[4, 2, 0], [0, 2, 0], [1, 1, 0]]))
NO_AREAS = (None, None, None)


def test_scores_of_each_class() -> None:
    first, second, third = class_scores(CONFUSION, NO_AREAS, NO_AREAS)
    assert (first.precision, first.recall, first.support) == (4 / 5, 4 / 6, 6)
    assert first.f1 == pytest.approx(8 / 11)
    assert first.specificity == 3 / 4
    assert (second.precision, second.recall, second.f1, second.specificity) == (2 / 5, 1.0, 4 / 7, 5 / 8)
    assert (third.precision, third.recall, third.f1, third.specificity) == (0.0, 0.0, 0.0, 1.0)


def test_macro_is_unweighted_and_weighted_is_by_support() -> None:
    scores = class_scores(CONFUSION, NO_AREAS, NO_AREAS)
    macro, weighted = average_scores(scores, weighted=False), average_scores(scores, weighted=True)
    assert macro.precision == pytest.approx((0.8 + 0.4 + 0) / 3)
    assert weighted.precision == pytest.approx((6 * 0.8 + 2 * 0.4 + 0) / 10)
    assert weighted.recall == pytest.approx(0.6)  # always the accuracy


def test_balanced_accuracy_leaves_out_classes_without_samples() -> None:
    assert balanced_accuracy(CONFUSION) == pytest.approx((4 / 6 + 1 + 0) / 3)
    assert balanced_accuracy(Counts.of_matrix(np.array([[3, 1], [0, 0]]))) == 0.75


def test_kappa_and_matthews_correlation() -> None:
    confusion = Counts.of_matrix(np.array([[20, 5], [10, 15]]))  # observed 0.7, by chance 0.5
    assert cohen_kappa(confusion) == pytest.approx(0.4)
    assert matthews_correlation(confusion) == pytest.approx((20 * 15 - 5 * 10) / (30 * 20 * 25 * 25) ** 0.5)


@pytest.mark.parametrize("matrix", [[[5, 0], [0, 0]], [[0, 5], [0, 0]]])
def test_undefined_scores_are_zero(matrix: list[list[int]]) -> None:
    confusion = Counts.of_matrix(np.array(matrix))
    assert matthews_correlation(confusion) == 0.0
    assert cohen_kappa(confusion) == 0.0


def test_matthews_correlation_of_billions_of_samples_does_not_overflow() -> None:
    assert matthews_correlation(Counts.of_matrix(np.array([[4, 0], [0, 4]]) * 10**9)) == 1.0
