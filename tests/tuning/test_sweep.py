"""`sweep` in one process: trials, scores, the best estimator, and its arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import ShuffleSplit, StratifiedKFold
from sklearn.pipeline import make_pipeline

from seqclf import ZScore, as_sequences, pad
from seqclf.evaluation import Split
from seqclf.exceptions import InvalidSequenceError, SeqclfWarning
from seqclf.tracking import CsvTracker
from seqclf.tuning import Choice, sweep
from tuning.small import SPACE, scores, small


def test_the_best_parameters_are_fitted_to_all_samples(task: Any) -> None:
    X, y = task
    result = sweep(small(), SPACE, X, y, n_trials=5, pruner=None, random_state=0)
    assert [trial.status for trial in result.trials] == ["complete"] * 5
    assert [trial.number for trial in result.trials] == list(range(5))
    assert result.best_score == max(score for score in scores(result) if score is not None)
    assert result.best_estimator.get_params()["hidden_size"] == result.best_params["hidden_size"]
    assert result.best_estimator.n_epochs_ == 3
    again = small(random_state=0).set_params(**result.best_params).fit(X, y)
    np.testing.assert_array_equal(again.predict_proba(X), result.best_estimator.predict_proba(X))
    assert all(4 <= trial.params["hidden_size"] <= 12 for trial in result.trials)
    assert all(("dropout" in t.params) == (t.params["num_layers"] == 2) for t in result.trials)
    assert all(trial.seconds is not None and trial.seconds > 0 for trial in result.trials)
    assert all(len(trial.intermediate_values) == 3 for trial in result.trials)
    assert repr(result).startswith("SweepResult('sweep-")
    assert "5 complete, best f1_macro 0." in repr(result)


def test_the_best_estimator_knows_the_columns_of_a_table(task: Any) -> None:
    sequences, y = task
    X = pad(sequences)[0].numpy()[:, :, 0]
    result = sweep(small(), SPACE, X, y, n_trials=1, random_state=0)
    assert result.best_estimator.n_features_in_ == X.shape[1]
    with pytest.raises(InvalidSequenceError, match=f"is expecting {X.shape[1]} features"):
        result.best_estimator.predict(X[:, :-2])
    lengths = sequences.lengths.numpy()
    by_lengths = sweep(small(), SPACE, X, y, lengths=lengths, n_trials=1, random_state=0).best_estimator
    expected = sweep(small(), SPACE, sequences, y, n_trials=1, random_state=0).best_estimator
    np.testing.assert_array_equal(by_lengths.predict_proba(sequences), expected.predict_proba(sequences))


def test_swapped_axes_are_reported_before_the_first_trial(task: Any) -> None:
    with pytest.warns(SeqclfWarning, match="more features than time steps"):
        sweep(small(), SPACE, np.ones((6, 2, 9)), [0, 1] * 3, n_trials=1, random_state=0, refit=False)


def test_the_score_is_that_of_the_held_out_samples(task: Any) -> None:
    X, y = task
    order = np.random.default_rng(0).permutation(len(y))
    split = Split(train=np.sort(order[:60]), test=np.sort(order[60:]))
    estimator = small(max_epochs=12, hidden_size=8, random_state=3)
    result = sweep(estimator, {"lr": Choice([0.05])}, X, y, n_trials=1, cv=[split], refit=False)
    model = estimator.set_params(lr=0.05).fit(X[split.train], y[split.train])
    expected, seen = (
        f1_score(y[part], model.predict(X[part]), average="macro") for part in (split.test, split.train)
    )
    assert seen != pytest.approx(expected)
    assert result.best_score == pytest.approx(expected)
    assert result.trials[0].intermediate_values[-1] == pytest.approx(expected)
    assert result.best_estimator is None


def test_the_scores_of_folds_are_averaged(task: Any) -> None:
    X, y = task
    options: dict[str, Any] = {"n_trials": 1, "pruner": None, "random_state": 0, "refit": False}
    folds = list(StratifiedKFold(3, shuffle=True, random_state=0).split(np.zeros(len(y)), y))
    estimator = small(max_epochs=12, hidden_size=8, random_state=0)
    (trial,) = sweep(estimator, {"lr": Choice([0.05])}, X, y, cv=3, **options).trials
    alone = [estimator.set_params(lr=0.05).fit(X[train], y[train]).predict(X[test]) for train, test in folds]
    expected = [
        f1_score(y[test], found, average="macro") for (_, test), found in zip(folds, alone, strict=True)
    ]
    assert len(set(expected)) == 3
    assert trial.score == pytest.approx(np.mean(expected))
    # Each epoch of the first fold, then the mean so far after each fold.
    assert len(trial.intermediate_values) == 12 + 3
    assert trial.intermediate_values[12:] == pytest.approx(np.cumsum(expected) / [1, 2, 3])
    splitter = ShuffleSplit(2, random_state=0)
    (other,) = sweep(small(), {"lr": Choice([0.02])}, X, y, cv=splitter, **options).trials
    assert len(other.intermediate_values) == 3 + 2


def test_a_pipeline_is_tuned_as_a_whole(task: Any) -> None:
    X, y = task
    pipeline = make_pipeline(ZScore(), small())
    result = sweep(pipeline, {"gruclassifier": SPACE}, X, y, n_trials=2, random_state=0)
    assert set(result.best_params) >= {"gruclassifier__lr", "gruclassifier__hidden_size"}
    assert result.best_estimator.predict(X).shape == y.shape
    assert not hasattr(pipeline[-1], "classes_")


@pytest.mark.parametrize("scoring", ["accuracy", "neg_log_loss"])
def test_any_scorer_of_scikit_learn_is_accepted(task: Any, scoring: str) -> None:
    X, y = task
    result = sweep(
        small(), SPACE, X, y, n_trials=2, scoring=scoring, pruner=None, random_state=0, refit=False
    )
    assert result.scoring == scoring
    assert (result.best_score > 0) == (scoring == "accuracy")


def test_a_custom_scorer_is_accepted(task: Any) -> None:
    X, y = task

    def negative_size(estimator: Any, X: Any, y: Any) -> float:
        return -float(estimator.hidden_size)

    result = sweep(
        small(),
        {"hidden_size": Choice([8, 2, 4])},
        X,
        y,
        n_trials=8,
        scoring=negative_size,
        pruner=None,
        random_state=0,
    )
    assert result.best_params == {"hidden_size": 2}
    assert result.scoring.endswith("negative_size")


def test_equal_seeds_give_equal_trials_and_others_do_not(task: Any) -> None:
    X, y = task
    options: dict[str, Any] = {"n_trials": 4, "refit": False}
    first = sweep(small(), SPACE, X, y, random_state=1, **options)
    assert scores(sweep(small(), SPACE, X, y, random_state=1, **options)) == scores(first)
    other = sweep(small(), SPACE, X, y, random_state=2, **options)
    assert [t.params for t in other.trials] != [t.params for t in first.trials]


def test_a_pipeline_of_one_step_is_accepted(task: Any) -> None:
    X, y = task
    result = sweep(
        make_pipeline(small()), {"gruclassifier": SPACE}, X, y, n_trials=1, random_state=0, refit=False
    )
    assert [trial.status for trial in result.trials] == ["complete"]


def test_a_pipeline_with_memory_is_accepted(task: Any, tmp_path: Path) -> None:
    X, y = task
    pipeline = make_pipeline(ZScore(), ZScore(), small(), memory=str(tmp_path))
    result = sweep(pipeline, {"gruclassifier": SPACE}, X, y, n_trials=1, random_state=0, refit=False)
    assert [trial.status for trial in result.trials] == ["complete"]


def test_the_number_of_labels_must_match(task: Any) -> None:
    X, y = task
    with pytest.raises(ValueError, match=r"one label for each of the 90 sequences; got shape \(80,\)"):
        sweep(small(), SPACE, X, y[:80], n_trials=1)


def test_no_trial_begins_after_the_timeout(task: Any) -> None:
    X, y = task
    result = sweep(small(), SPACE, X, y, n_trials=1000, timeout=0.5, random_state=0, refit=False)
    assert len(result.trials) < 1000


def test_samples_are_converted_as_the_estimator_does(task: Any) -> None:
    X = [[0.1, 0.9], [0.2, 0.8, 0.9], [0.9, 0.1], [0.8, 0.2]] * 8
    y = ["up", "up", "down", "down"] * 8
    table = np.zeros((32, 4))
    for row, values in zip(table, X, strict=True):
        row[: len(values)] = values
    lengths = [len(values) for values in X]
    options: dict[str, Any] = {"n_trials": 2, "random_state": 0, "refit": False}
    expected = scores(sweep(small(), SPACE, X, y, **options))
    assert scores(sweep(small(), SPACE, table, y, lengths=lengths, **options)) == expected
    assert scores(sweep(small(), SPACE, as_sequences(X), y, **options)) == expected
    assert scores(sweep(small(), SPACE, table, y, **options)) == expected


def test_arguments_and_global_state_are_unchanged(task: Any) -> None:
    X, y = task
    estimator, before = small(), X.values.clone()
    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002
    states = torch.get_rng_state(), np.random.get_state()  # noqa: NPY002
    verbosity = optuna.logging.get_verbosity()
    sweep(estimator, SPACE, X, y, n_trials=2, random_state=0)
    assert estimator.get_params() == small().get_params()
    assert not hasattr(estimator, "classes_")
    assert torch.equal(X.values, before)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert str(np.random.get_state()) == str(states[1])  # noqa: NPY002
    assert optuna.logging.get_verbosity() == verbosity


def test_output_appears_only_with_verbose(task: Any, capfd: pytest.CaptureFixture[str]) -> None:
    X, y = task
    sweep(small(), {"lr": Choice([1e30, 0.01]), "gradient_clip": None}, X, y, n_trials=3, random_state=0)
    assert capfd.readouterr() == ("", "")
    sweep(small(), SPACE, X, y, n_trials=2, random_state=0, verbose=True, refit=False)
    assert "2/2" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"storage": "sweep.journal"}, "`study_name` must be given with `storage`"),
        ({"storage": "missing/sweep.journal", "study_name": "a"}, r"Create the folder 'missing' first"),
        ({"n_trials": 0}, "`n_trials` must be at least 1; got 0"),
        ({"n_jobs": 0}, "`n_jobs` must be positive, or -1"),
        ({"timeout": 0}, "`timeout` must be a positive number of seconds or None; got 0"),
        ({"pruner": "hyperband"}, r"`pruner` must be one of \['halving', 'median', None\]; got 'hyperband'"),
        ({"random_state": -1}, "`random_state` must be at least 0; got -1"),
        ({"study_name": ""}, "`study_name` must be a non-empty string or None; got ''"),
        ({"study_name": 3}, "`study_name` must be a non-empty string or None; got 3"),
        ({"cv": iter([])}, "`cv` must yield at least one split; got none"),
        ({"scoring": f1_score}, "looks like it is a metric function rather than a scorer"),
    ],
)
def test_an_invalid_argument_is_reported(task: Any, options: dict[str, Any], message: str) -> None:
    X, y = task
    with pytest.raises(ValueError, match=message):
        sweep(small(), SPACE, X, y, **{"n_trials": 1, **options})


def test_an_argument_of_the_wrong_type_is_reported(task: Any) -> None:
    X, y = task
    with pytest.raises(TypeError, match=r"must be a classifier of seqclf.*got LogisticRegression"):
        sweep(LogisticRegression(), SPACE, X, y, n_trials=1)
    with pytest.raises(TypeError, match="`scoring` must be the name of a scorer or a callable; got None"):
        sweep(small(), SPACE, X, y, n_trials=1, scoring=None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`trackers` must be a sequence of trackers; got CsvTracker"):
        sweep(small(), SPACE, X, y, n_trials=1, trackers=CsvTracker("runs"))  # type: ignore[arg-type]
    with pytest.raises(
        TypeError, match=r"`trackers` must contain objects.*got trackers\[0\]=<class '.*CsvTracker'>"
    ):
        sweep(small(), SPACE, X, y, n_trials=1, trackers=[CsvTracker])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="`storage` must be None, a file, the URL of a database"):
        sweep(small(), SPACE, X, y, n_trials=1, storage=3, study_name="a")  # type: ignore[arg-type]
    memory = optuna.storages.InMemoryStorage()
    with pytest.raises(ValueError, match="Several processes cannot share a storage in memory; got n_jobs=2"):
        sweep(small(), SPACE, X, y, n_trials=1, n_jobs=2, storage=memory, study_name="a")
