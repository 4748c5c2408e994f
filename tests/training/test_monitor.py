"""Custom metrics for early stopping."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from seqclf.training._monitor import measure


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
