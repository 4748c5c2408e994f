"""The expected calibration error, by hand and against a plain loop."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from seqclf.evaluation import calibration_error


def test_a_tiny_case_by_hand() -> None:
    """Bin [.5, .6): two at .55, one correct, gap .05; bin [.9, 1]: two at .95, both correct, gap .05."""
    proba = [[0.55, 0.45], [0.55, 0.45], [0.05, 0.95], [0.95, 0.05]]
    assert calibration_error([0, 1, 1, 0], proba, n_bins=10) == pytest.approx((2 * 0.05 + 2 * 0.05) / 4)


def test_gaps_cancel_within_a_bin_only() -> None:
    proba = [[0.7, 0.3], [0.5, 0.5]]
    assert calibration_error([0, 1], proba, labels=[0, 1], n_bins=1) == pytest.approx(abs(1.2 - 1) / 2)
    assert calibration_error([0, 1], proba, labels=[0, 1], n_bins=10) == pytest.approx((0.3 + 0.5) / 2)


def test_the_classwise_error_by_hand() -> None:
    """Class 0: .6 and .4, both false; class 1: .4 and .6, both true; each in its own bin: .5 for each class."""
    proba = [[0.6, 0.4], [0.4, 0.6]]
    assert calibration_error([1, 1], proba, labels=[0, 1], per_class=True) == pytest.approx(0.5)
    assert calibration_error([1, 1], proba, labels=[0, 1]) == pytest.approx(abs(1.2 - 1) / 2)


def test_classwise_errors_do_not_cancel() -> None:
    """As after balanced training: confidence 0.6 for both classes, although nearly all samples are of the first."""
    proba = [[0.6, 0.4]] * 50 + [[0.4, 0.6]] * 50
    y = [0] * 50 + [0] * 40 + [1] * 10
    assert calibration_error(y, proba) == pytest.approx(0.0)
    assert calibration_error(y, proba, per_class=True) == pytest.approx(0.4)


@pytest.mark.parametrize("n_bins", [1, 7, 15])
def test_the_error_equals_that_of_a_plain_loop(n_bins: int) -> None:
    rng = np.random.default_rng(0)
    proba = rng.dirichlet([1, 1, 1], size=300)
    y = rng.integers(3, size=300)
    confidence, correct = proba.max(axis=1), proba.argmax(axis=1) == y
    expected = 0.0
    for b in range(n_bins):
        inside = (confidence >= b / n_bins) & (confidence < (b + 1) / n_bins)
        if inside.any():
            expected += inside.mean() * abs(correct[inside].mean() - confidence[inside].mean())
    assert calibration_error(y, proba, n_bins=n_bins) == pytest.approx(expected)


def test_true_probabilities_are_calibrated_but_sharpened_ones_are_not() -> None:
    rng = np.random.default_rng(0)
    proba = rng.dirichlet([1, 1, 1], size=50_000)
    y = (proba.cumsum(axis=1) < rng.random((50_000, 1))).sum(axis=1)
    assert calibration_error(y, proba) < 0.01
    sharp = proba**3 / (proba**3).sum(axis=1, keepdims=True)
    assert calibration_error(y, sharp) > 0.1


def test_columns_are_in_the_order_of_the_labels() -> None:
    proba = [[0.2, 0.8], [0.2, 0.8]]
    assert calibration_error(["a", "a"], proba, labels=["b", "a"]) == pytest.approx(0.2)
    assert calibration_error(["a", "a"], proba, labels=["a", "b"]) == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("error", "message", "options"),
    [
        (ValueError, "`n_bins` must be at least 1; got 0.", {"n_bins": 0}),
        (ValueError, "`proba` must have shape (2, 2)", {"proba": [[1.0], [1.0]]}),
        (ValueError, "Each row of `proba` must sum to 1; got 1.5 in row 0.", {"proba": [[0.5, 1.0], [1.0, 0.0]]}),
        (ValueError, "`labels` must contain every label of `y_true`; got y_true[1]=1", {"labels": [0, 2]}),
    ],
)  # fmt: skip
def test_invalid_input_is_refused(error: type[Exception], message: str, options: dict[str, Any]) -> None:
    arguments: dict[str, Any] = {"y_true": [0, 1], "proba": [[0.5, 0.5], [0.5, 0.5]]} | options
    with pytest.raises(error, match=re.escape(message)):
        calibration_error(**arguments)
