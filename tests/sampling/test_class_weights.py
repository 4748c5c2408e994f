"""Class weights for the loss."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from seqclf.sampling import WEIGHT_SCHEMES, WeightScheme, class_weights


def test_a_tiny_case_by_hand() -> None:
    """Classes of 9 and 1: (1/9, 1) * 10 / 2, where 2 is the sum over all samples; (1/3, 1) * 10 / 4."""
    y = ["N"] * 9 + ["V"]
    assert class_weights(y) == pytest.approx({"N": 5 / 9, "V": 5})
    assert class_weights(y, scheme="inverse_sqrt") == pytest.approx({"N": 10 / 12, "V": 2.5})
    # (1 - .5) / (1 - .5**9) and 1
    raw = {"N": 0.5 / (1 - 0.5**9), "V": 1.0}
    scale = 10 / (9 * raw["N"] + 1)
    expected = {label: scale * weight for label, weight in raw.items()}
    assert class_weights(y, scheme="effective_number", beta=0.5) == pytest.approx(expected)


@pytest.mark.parametrize("scheme", WEIGHT_SCHEMES)
@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=80))
def test_the_mean_over_samples_is_1_and_rarer_classes_weigh_at_least_as_much(
    scheme: WeightScheme, y: list[int]
) -> None:
    weights = class_weights(y, scheme=scheme)
    assert np.mean([weights[label] for label in y]) == pytest.approx(1)
    by_count = sorted(weights, key=y.count)
    assert all(weights[a] >= weights[b] - 1e-12 for a, b in pairwise(by_count))


def test_balanced_weights_equal_those_of_scikit_learn() -> None:
    y = np.random.default_rng(0).choice([3, 5, 8], 500, p=[0.8, 0.15, 0.05])
    expected = compute_class_weight("balanced", classes=np.array([3, 5, 8]), y=y)
    assert list(class_weights(y).values()) == pytest.approx(expected.tolist())


def test_beta_interpolates_between_equal_and_balanced_weights() -> None:
    y = [0] * 1000 + [1] * 10
    assert class_weights(y, scheme="effective_number", beta=0) == {0: 1.0, 1: 1.0}
    near_1 = class_weights(y, scheme="effective_number", beta=1 - 1e-12)
    assert near_1 == pytest.approx(class_weights(y), rel=1e-3)


@pytest.mark.parametrize(
    ("error", "message", "options"),
    [
        (ValueError, "`scheme` must be one of ['balanced', 'inverse_sqrt', 'effective_number']; got 'x'.", {"scheme": "x"}),
        (ValueError, "`beta` must lie in [0, 1); got 1.0. Values closer to 1 give rare classes more weight.", {"beta": 1.0}),
        (TypeError, "`beta` must be a number; got 'b'.", {"beta": "b"}),
    ],
)  # fmt: skip
def test_wrong_options_are_refused(error: type[Exception], message: str, options: dict[str, Any]) -> None:
    with pytest.raises(error, match=re.escape(message)):
        class_weights([0, 1], **options)
