"""Custom metrics for early stopping."""

from __future__ import annotations

import inspect
import re
from functools import partial
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score, get_scorer, make_scorer

from seqclf.training._monitor import check_monitor, measure


def test_a_metric_returns_a_number() -> None:
    target = np.array([0, 1, 1])
    assert measure(lambda y_true, y_pred: float((y_true == y_pred).mean()), target, target) == 1.0


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("high", TypeError, "`monitor` must return a number; got 'high'."),
        (None, TypeError, "`monitor` must return a number; got None."),
        (float("nan"), ValueError, "`monitor` must return a finite number; got nan."),
    ],
)
def test_a_metric_that_returns_anything_else_is_rejected(
    value: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        measure(lambda y_true, y_pred: value, np.array([0]), np.array([0]))


def of_estimator(estimator: Any, X: Any, y: Any) -> float:
    return 0.0


@pytest.mark.parametrize("monitor", [make_scorer(f1_score), get_scorer("f1_macro"), of_estimator])
def test_a_scorer_is_refused(monitor: Any) -> None:
    message = (
        f"`monitor` must take the true and the predicted labels, `(y_true, y_pred)`; got {monitor!r:.100} with the signature "
        f"{inspect.signature(monitor)}. Pass the metric itself, not a scorer of it."
    )
    with pytest.raises(TypeError, match=re.escape(message)):
        check_monitor(monitor)


@pytest.mark.parametrize("monitor", [f1_score, partial(f1_score, average="macro"), max, "valid_loss"])
def test_a_metric_is_accepted(monitor: Any) -> None:
    check_monitor(monitor)
