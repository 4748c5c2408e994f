"""scikit-learn's own checks of an estimator, on two-dimensional input."""

from __future__ import annotations

from typing import Any

from sklearn.utils.estimator_checks import parametrize_with_checks

from seqclf import GRUClassifier, LSTMClassifier, RecurrentClassifier, RNNClassifier

SMALL: dict[str, Any] = {"hidden_size": 8, "num_layers": 1, "max_epochs": 30, "random_state": 0}


@parametrize_with_checks(
    [
        RNNClassifier(**SMALL),
        GRUClassifier(**SMALL),
        LSTMClassifier(**SMALL),
        RecurrentClassifier(bidirectional=True, **SMALL),
    ]
)
def test_an_estimator_keeps_scikit_learns_contract(estimator: Any, check: Any) -> None:
    check(estimator)
