"""Weights of samples reach the loss and the score of each trial."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score, make_scorer, recall_score
from sklearn.pipeline import make_pipeline

from seqclf import ZScore
from seqclf.tuning import Choice, sweep
from tuning.small import SPACE, scores, small

ONE: dict[str, Any] = {"space": {"lr": Choice([0.05])}, "n_trials": 1, "pruner": None, "random_state": 0}


@pytest.fixture
def weights(task: Any) -> Any:
    weights = np.random.default_rng(0).uniform(0.1, 5.0, size=len(task[1]))
    weights[::7] = 0.0
    return weights


@pytest.mark.parametrize("cv", [None, 3])
@pytest.mark.parametrize("scoring", ["f1_macro", make_scorer(recall_score, average="macro", pos_label=None)])
def test_weights_are_split_with_the_samples(task: Any, weights: Any, cv: Any, scoring: Any) -> None:
    from seqclf.tuning._cross_validation import make_splits

    X, y = task
    estimator = small(max_epochs=8, hidden_size=8, random_state=0)
    result = sweep(
        estimator, X=X, y=y, sample_weight=list(weights), cv=cv, scoring=scoring, refit=False, **ONE
    )
    metric = f1_score if scoring == "f1_macro" else recall_score
    expected = []
    for train, test in make_splits(cv, y, 0):
        model = small(max_epochs=8, hidden_size=8, random_state=0, lr=0.05)
        model.fit(X[train], y[train], sample_weight=weights[train])
        expected.append(metric(y[test], model.predict(X[test]), average="macro", sample_weight=weights[test]))
    assert result.best_score == pytest.approx(np.mean(expected))
    assert (
        len(result.trials[0].intermediate_values) == 8
    )  # no mean of the splits: it is weighted, epochs are not
    assert result.compared_by == "minus the validation loss"
    assert max(result.trials[0].intermediate_values) < 0


@pytest.mark.parametrize("is_pipeline", [False, True])
def test_the_refit_is_weighted(task: Any, weights: Any, is_pipeline: bool) -> None:
    X, y = task
    estimator, given = small(random_state=0), dict(ONE)
    plain = small(random_state=0, lr=0.05)
    expected = make_pipeline(ZScore(), plain) if is_pipeline else plain
    expected.fit(X, y, **{"gruclassifier__sample_weight" if is_pipeline else "sample_weight": weights})
    if is_pipeline:
        given["space"] = {"gruclassifier": given["space"]}
    tuned = make_pipeline(ZScore(), estimator) if is_pipeline else estimator
    found = sweep(tuned, X=X, y=y, sample_weight=weights, **given).best_estimator
    np.testing.assert_array_equal(found.predict_proba(X), expected.predict_proba(X))


def test_equal_weights_change_nothing(task: Any) -> None:
    X, y = task
    options: dict[str, Any] = {"n_trials": 2, "pruner": None, "random_state": 0, "refit": False}
    weighted = sweep(small(), SPACE, X, y, sample_weight=np.full(len(y), 3.0), **options)
    assert scores(weighted) == pytest.approx(scores(sweep(small(), SPACE, X, y, **options)))


def test_a_study_has_one_set_of_weights(task: Any, weights: Any, tmp_path: Any) -> None:
    X, y = task
    stored = {"storage": tmp_path / "sweep.journal", "study_name": "a", "refit": False, **ONE}
    sweep(small(), X=X, y=y, sample_weight=weights, **stored)
    with pytest.raises(ValueError, match="must have the same samples and splits"):
        sweep(small(), X=X, y=y, **stored)


def unweighted(estimator: Any, X: Any, y: Any) -> float:
    return 0.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sample_weight": [1.0, 2.0]}, "`sample_weight` must hold one weight for each of the 90 sequences"),
        ({"sample_weight": -np.ones(90)}, r"must be finite and not negative; got sample_weight\[0\]=-1.0"),
        (
            {"sample_weight": np.zeros(90)},
            "`sample_weight` must have a positive entry; got zeros only. Training",
        ),
        (
            {"sample_weight": np.arange(90) < 80, "cv": [(np.arange(80), np.arange(80, 90))]},
            "positive entry in each held-out set; got zeros only in that of split 0. Pass other splits",
        ),
        (
            {"sample_weight": np.ones(90), "scoring": unweighted},
            r"`scoring` must take `sample_weight` where samples are weighted; got <function unweighted",
        ),
    ],
)
def test_wrong_weights_are_refused_before_the_first_trial(task: Any, options: Any, message: str) -> None:
    X, y = task
    with pytest.raises((ValueError, TypeError), match=message):
        sweep(small(), X=X, y=y, **ONE, **options)
