from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import ShuffleSplit
from sklearn.pipeline import make_pipeline

from seqclf import GRUClassifier, SeqclfWarning, ZScore, as_sequences
from seqclf.evaluation import Split
from seqclf.training import EpochRecord
from seqclf.tuning import Choice, Either, IntRange, LogUniform, SweepResult, Uniform, open_storage, sweep
from seqclf.tuning._liveness import at_work
from seqclf.tuning._state import WORKER

SPACE = {
    "hidden_size": IntRange(4, 12),
    "lr": LogUniform(1e-3, 1e-1),
    "depth": Either([{"num_layers": 1}, {"num_layers": 2, "dropout": Uniform(0.0, 0.3)}]),
}


def small(**parameters: Any) -> GRUClassifier:
    return GRUClassifier(
        **{"hidden_size": 4, "num_layers": 1, "max_epochs": 3, "batch_size": 32, **parameters}
    )


def scores(result: SweepResult) -> list[float | None]:
    return [trial.score for trial in result.trials]


def test_the_best_of_all_trials_is_fitted_to_all_samples(task: Any) -> None:
    X, y = task
    result = sweep(small(), SPACE, X, y, n_trials=5, pruner=None, random_state=0)
    assert [trial.status for trial in result.trials] == ["complete"] * 5
    assert [trial.number for trial in result.trials] == list(range(5))
    assert result.best_score == max(score for score in scores(result) if score is not None)
    assert result.best_estimator.get_params()["hidden_size"] == result.best_parameters["hidden_size"]
    assert result.best_estimator.n_epochs_ == 3
    again = small(random_state=0).set_params(**result.best_parameters).fit(X, y)
    np.testing.assert_array_equal(again.predict_proba(X), result.best_estimator.predict_proba(X))
    assert all(4 <= trial.parameters["hidden_size"] <= 12 for trial in result.trials)
    assert all(("dropout" in t.parameters) == (t.parameters["num_layers"] == 2) for t in result.trials)
    assert all(trial.seconds is not None and trial.seconds > 0 for trial in result.trials)
    assert all(len(trial.epochs) == 3 for trial in result.trials)
    assert repr(result).startswith("SweepResult('sweep-")
    assert "5 complete, best f1_macro 0." in repr(result)


def test_the_score_is_that_of_the_held_out_part(task: Any) -> None:
    X, y = task
    order = np.random.default_rng(0).permutation(len(y))
    split = Split(train=np.sort(order[:100]), test=np.sort(order[100:]))
    result = sweep(small(random_state=3), {"lr": Choice([0.02])}, X, y, n_trials=1, cv=[split], refit=False)
    model = small(random_state=3, lr=0.02).fit(X[split.train], y[split.train])
    expected = f1_score(y[split.test], model.predict(X[split.test]), average="macro")
    assert result.best_score == pytest.approx(expected)
    assert result.trials[0].epochs[-1] == pytest.approx(expected)
    assert result.best_estimator is None


def test_folds_are_averaged(task: Any) -> None:
    X, y = task
    result = sweep(
        small(), {"lr": Choice([0.02])}, X, y, n_trials=1, cv=3, pruner=None, random_state=0, refit=False
    )
    (trial,) = result.trials
    assert len(trial.epochs) == 3 + 3  # each epoch of the first fold, then the mean so far after each fold
    assert trial.score == trial.epochs[-1]
    assert trial.epochs[2] == trial.epochs[3]
    splitter = ShuffleSplit(2, random_state=0)
    other = sweep(
        small(),
        {"lr": Choice([0.02])},
        X,
        y,
        n_trials=1,
        cv=splitter,
        pruner=None,
        random_state=0,
        refit=False,
    )
    assert len(other.trials[0].epochs) == 3 + 2


def test_a_pipeline_is_tuned_as_a_whole_and_scales_by_its_own_part(task: Any) -> None:
    X, y = task
    pipeline = make_pipeline(ZScore(), small())
    result = sweep(pipeline, {"gruclassifier": SPACE}, X, y, n_trials=2, random_state=0)
    assert set(result.best_parameters) >= {"gruclassifier__lr", "gruclassifier__hidden_size"}
    assert result.best_estimator.predict(X).shape == y.shape
    assert not hasattr(pipeline[-1], "classes_")


@pytest.mark.parametrize("scoring", ["accuracy", "neg_log_loss"])
def test_any_score_of_scikit_learn_will_do(task: Any, scoring: str) -> None:
    X, y = task
    result = sweep(
        small(), SPACE, X, y, n_trials=2, scoring=scoring, pruner=None, random_state=0, refit=False
    )
    assert result.scoring == scoring
    assert (result.best_score > 0) == (scoring == "accuracy")


def test_a_score_of_ones_own_will_do(task: Any) -> None:
    X, y = task

    def small_is_beautiful(estimator: Any, X: Any, y: Any) -> float:
        return -float(estimator.hidden_size)

    result = sweep(
        small(),
        {"hidden_size": Choice([8, 2, 4])},
        X,
        y,
        n_trials=8,
        scoring=small_is_beautiful,
        pruner=None,
        random_state=0,
    )
    assert result.best_parameters == {"hidden_size": 2}
    assert result.scoring.endswith("small_is_beautiful")


def test_the_same_seed_gives_the_same_trials_and_another_does_not(task: Any) -> None:
    X, y = task
    options: dict[str, Any] = {"n_trials": 4, "refit": False}
    first = sweep(small(), SPACE, X, y, random_state=1, **options)
    assert scores(sweep(small(), SPACE, X, y, random_state=1, **options)) == scores(first)
    other = sweep(small(), SPACE, X, y, random_state=2, **options)
    assert [t.parameters for t in other.trials] != [t.parameters for t in first.trials]


def test_a_second_call_runs_what_is_missing_as_if_it_were_one(task: Any, tmp_path: Path) -> None:
    X, y = task
    options: dict[str, Any] = {"random_state": 0, "refit": False}
    whole = sweep(small(), SPACE, X, y, n_trials=6, **options)
    stored: dict[str, Any] = {"storage": tmp_path / "sweep.journal", "study_name": "beats", **options}
    assert len(sweep(small(), SPACE, X, y, n_trials=2, **stored).trials) == 2
    both = sweep(small(), SPACE, X, y, n_trials=6, **stored)
    assert scores(both) == scores(whole)
    assert [t.epochs for t in both.trials] == [t.epochs for t in whole.trials]
    assert len(sweep(small(), SPACE, X, y, n_trials=3, **stored).trials) == 6


def test_without_a_seed_a_stored_study_holds_out_the_same_samples_each_time(
    task: Any, tmp_path: Path
) -> None:
    X, y = task
    stored: dict[str, Any] = {"storage": tmp_path / "sweep.journal", "study_name": "beats", "refit": False}
    sweep(small(), SPACE, X, y, n_trials=1, **stored)
    assert len(sweep(small(), SPACE, X, y, n_trials=2, **stored).trials) == 2


class RaiseInTrial:
    """Raises at the first epoch of the n-th fit, and of no other."""

    fits = 0

    def __init__(self, error: BaseException, fit: int) -> None:
        self.error, self.fit = error, fit

    def __deepcopy__(self, memo: object) -> RaiseInTrial:
        return self  # cloned estimators share it

    def on_epoch_end(self, record: EpochRecord) -> None:
        if record.epoch == 1:
            self.fits += 1
            if self.fits == self.fit:
                raise self.error


def test_a_trial_that_fails_is_recorded_and_the_sweep_goes_on(task: Any) -> None:
    X, y = task
    out_of_memory = RaiseInTrial(MemoryError("no 12 GiB left"), fit=2)
    result = sweep(
        small(callbacks=[out_of_memory]), SPACE, X, y, n_trials=4, pruner=None, random_state=0, refit=False
    )
    assert [trial.status for trial in result.trials] == ["complete", "failed", "complete", "complete"]
    assert result.trials[1].reason == "MemoryError: no 12 GiB left"
    assert result.trials[1].parameters


def test_a_score_that_is_no_number_is_a_failed_trial(task: Any) -> None:
    X, y = task
    result = sweep(
        small(),
        SPACE,
        X,
        y,
        n_trials=2,
        scoring=lambda *_: float("nan"),
        pruner=None,
        random_state=0,
        refit=False,
    )
    assert [trial.status for trial in result.trials] == ["failed"] * 2
    assert str(result.trials[0].reason).startswith("ValueError: A score must be a finite number; got nan")


def test_a_refit_that_fails_loses_no_trial(task: Any) -> None:
    X, y = task
    estimator = small(callbacks=[RaiseInTrial(MemoryError("full"), fit=3)])
    with pytest.warns(SeqclfWarning, match=r"were not fitted to all samples \(MemoryError: full\)"):
        result = sweep(estimator, SPACE, X, y, n_trials=2, pruner=None, random_state=0)
    assert result.best_score > 0
    assert result.best_estimator is None


def test_numbers_of_numpy_survive_a_file(task: Any, tmp_path: Path) -> None:
    X, y = task
    space = {"lr": Choice(list(np.logspace(-3, -1, 3))), "hidden_size": Choice([np.int64(4)])}
    stored: dict[str, Any] = {"storage": tmp_path / "sweep.journal", "study_name": "beats", "random_state": 0}
    result = sweep(small(), space, X, y, n_trials=2, pruner=None, **stored)
    assert result.best_parameters["lr"] in (1e-3, 1e-2, 1e-1)
    assert result.best_estimator.lr == result.best_parameters["lr"]


def test_a_pipeline_of_one_step_will_do(task: Any) -> None:
    X, y = task
    result = sweep(
        make_pipeline(small()), {"gruclassifier": SPACE}, X, y, n_trials=1, random_state=0, refit=False
    )
    assert [trial.status for trial in result.trials] == ["complete"]


def test_each_sample_has_a_label(task: Any) -> None:
    X, y = task
    with pytest.raises(ValueError, match=r"one label for each of the 150 sequences; got shape \(140,\)"):
        sweep(small(), SPACE, X, y[:140], n_trials=1)


class EndProcess:
    """Ends the process at the first epoch, once: a file remembers."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def on_epoch_end(self, record: EpochRecord) -> None:
        if not self.path.exists():
            self.path.touch()
            os._exit(9)


def test_where_one_of_several_processes_ends_its_trial_is_tried_again(task: Any, tmp_path: Path) -> None:
    X, y = task
    estimator = small(callbacks=[EndProcess(tmp_path / "ended")])
    result = sweep(estimator, SPACE, X, y, n_trials=4, pruner=None, n_jobs=2, random_state=0, refit=False)
    statuses = [trial.status for trial in result.trials]
    assert statuses.count("complete") == 4
    assert statuses.count("failed") == 1  # the other process goes on
    assert {trial.reason for trial in result.trials} == {None, "its process ended (tried again)"}


def test_a_call_that_goes_on_after_a_kill_tries_again_what_was_running(task: Any, tmp_path: Path) -> None:
    X, y = task
    storage = open_storage(tmp_path / "sweep.journal")
    stored: dict[str, Any] = {"study_name": "beats", "pruner": None, "random_state": 0, "refit": False}
    sweep(small(), SPACE, X, y, n_trials=1, storage=storage, **stored)
    left = optuna.load_study(study_name="beats", storage=storage).ask()
    left.suggest_float("lr", 1e-3, 1e-1, log=True)
    with at_work() as worker:
        left.set_user_attr(WORKER, worker)
    result = sweep(small(), SPACE, X, y, n_trials=3, storage=tmp_path / "sweep.journal", **stored)
    assert [t.status for t in result.trials] == ["complete", "failed", "complete", "complete"]
    assert result.trials[2].parameters["lr"] == left.params["lr"]


def test_a_diverged_trial_says_so(task: Any) -> None:
    X, y = task
    space = {"lr": Choice([1e30]), "gradient_clip": None}
    with pytest.warns(SeqclfWarning, match="No trial is complete, so nothing is refitted"):
        result = sweep(small(), space, X, y, n_trials=2, random_state=0)
    assert [trial.status for trial in result.trials] == ["failed"] * 2
    assert str(result.trials[0].reason).startswith(
        "TrainingDivergedError: The loss of an epoch must be finite"
    )
    with pytest.raises(
        ValueError, match=r"needs a complete one; got 2 failed. Trial 0 failed: TrainingDiverged"
    ):
        _ = result.best_parameters
    assert result.best_estimator is None


def test_ctrl_c_keeps_what_is_done_and_a_second_call_does_the_rest(task: Any, tmp_path: Path) -> None:
    X, y = task
    stored: dict[str, Any] = {
        "n_trials": 5,
        "pruner": None,
        "random_state": 0,
        "storage": tmp_path / "sweep.journal",
        "study_name": "beats",
    }
    ctrl_c = small(callbacks=[RaiseInTrial(KeyboardInterrupt(), fit=3)])
    with pytest.warns(SeqclfWarning, match="The sweep was interrupted; what was done until then is returned"):
        result = sweep(ctrl_c, SPACE, X, y, **stored)
    assert [trial.status for trial in result.trials] == ["complete", "complete", "interrupted"]
    assert result.best_score > 0
    assert result.best_estimator is None
    rest = sweep(small(), SPACE, X, y, **stored)
    assert [t.status for t in rest.trials] == ["complete"] * 2 + ["interrupted"] + ["complete"] * 3
    assert scores(rest)[:2] == scores(result)[:2]
    assert rest.best_estimator is not None


def test_ctrl_c_in_memory_returns_too(task: Any) -> None:
    X, y = task
    ctrl_c = small(callbacks=[RaiseInTrial(KeyboardInterrupt(), fit=2)])
    with pytest.warns(SeqclfWarning, match="interrupted"):
        result = sweep(ctrl_c, SPACE, X, y, n_trials=5, pruner=None, random_state=0)
    assert len(result.trials) == 2


class PruneAlways(optuna.pruners.BasePruner):
    def prune(self, study: Any, trial: Any) -> bool:
        return bool(trial.last_step >= 2)


def test_a_trial_behind_the_others_stops_after_that_epoch(task: Any) -> None:
    X, y = task
    result = sweep(small(), SPACE, X, y, n_trials=2, pruner=PruneAlways(), random_state=0, refit=False)
    assert [trial.status for trial in result.trials] == ["pruned"] * 2
    assert [len(trial.epochs) for trial in result.trials] == [2, 2]
    assert scores(result) == [None, None]


class PruneLast(optuna.pruners.BasePruner):
    def prune(self, study: Any, trial: Any) -> bool:
        return bool(trial.last_step == 3)


def test_a_trial_is_not_stopped_after_its_last_epoch(task: Any) -> None:
    X, y = task
    result = sweep(small(), SPACE, X, y, n_trials=1, pruner=PruneLast(), random_state=0, refit=False)
    assert [(trial.status, len(trial.epochs)) for trial in result.trials] == [("complete", 3)]


def test_halving_spends_less(task: Any) -> None:
    X, y = task
    options: dict[str, Any] = {"n_trials": 12, "random_state": 0, "refit": False}
    space = {"lr": LogUniform(1e-4, 1e-1)}

    def epochs(pruner: Any) -> int:
        return sum(
            len(t.epochs) for t in sweep(small(max_epochs=9), space, X, y, pruner=pruner, **options).trials
        )

    assert epochs("halving") < 0.7 * epochs(None) == 0.7 * 12 * 9
    assert epochs("median") < epochs(None)


def test_several_processes_share_the_trials_and_nothing_is_left_behind(task: Any) -> None:
    X, y = task
    result = sweep(small(), SPACE, X, y, n_trials=6, pruner=None, n_jobs=2, random_state=0, verbose=True)
    assert [trial.status for trial in result.trials] == ["complete"] * 6
    assert len({trial.parameters["lr"] for trial in result.trials}) == 6
    assert result.best_estimator.predict(X).shape == y.shape


def test_no_trial_is_begun_after_the_timeout(task: Any) -> None:
    X, y = task
    result = sweep(small(), SPACE, X, y, n_trials=1000, timeout=0.5, random_state=0, refit=False)
    assert 1 <= len(result.trials) < 1000


def test_lengths_and_rows_are_read_as_the_estimator_would(task: Any) -> None:
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


def test_the_callers_things_stay_as_they_were(task: Any) -> None:
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


def test_nothing_is_printed_unless_asked(task: Any, capfd: pytest.CaptureFixture[str]) -> None:
    X, y = task
    sweep(small(), {"lr": Choice([1e30, 0.01]), "gradient_clip": None}, X, y, n_trials=3, random_state=0)
    assert capfd.readouterr() == ("", "")
    sweep(small(), SPACE, X, y, n_trials=2, random_state=0, verbose=True, refit=False)
    assert "2/2" in capfd.readouterr().err


def test_a_study_of_somebody_else_is_left_alone(task: Any) -> None:
    X, y = task
    memory = optuna.storages.InMemoryStorage()
    optuna.create_study(storage=memory, study_name="theirs")
    with pytest.raises(ValueError, match=r"study 'theirs' was made by something else. Choose another name"):
        sweep(small(), SPACE, X, y, n_trials=1, storage=memory, study_name="theirs")


def test_other_samples_or_scores_are_not_mixed_into_a_study(task: Any, tmp_path: Path) -> None:
    X, y = task
    stored: dict[str, Any] = {
        "n_trials": 1,
        "storage": tmp_path / "sweep.journal",
        "study_name": "beats",
        "refit": False,
    }
    sweep(small(), SPACE, X, y, **stored)
    with pytest.raises(ValueError, match=r"must have the same samples and parts; study 'beats' has"):
        sweep(small(), SPACE, X[:100], y[:100], **stored)
    with pytest.raises(
        ValueError, match=r"must have the same scoring; study 'beats' has 'f1_macro'.*'accuracy'"
    ):
        sweep(small(), SPACE, X, y, scoring="accuracy", **stored)
    with pytest.raises(ValueError, match=r"must have the same space; study 'beats' has"):
        sweep(small(), {**SPACE, "tol": 0.1}, X, y, **stored)
    with pytest.raises(ValueError, match=r"must have the same estimator; study 'beats' has"):
        sweep(small(batch_size=16), SPACE, X, y, **stored)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"storage": "sweep.journal"}, "`study_name` must be given with `storage`"),
        ({"storage": "missing/sweep.journal", "study_name": "a"}, r"Make the folder 'missing' first"),
        ({"n_trials": 0}, "`n_trials` must be at least 1; got 0"),
        ({"n_jobs": 0}, "`n_jobs` must be positive, or -1"),
        ({"timeout": 0}, "`timeout` must be a positive number of seconds or None; got 0"),
        ({"pruner": "hyperband"}, r"`pruner` must be one of \['halving', 'median', None\]; got 'hyperband'"),
        ({"random_state": -1}, "`random_state` must be at least 0; got -1"),
    ],
)
def test_a_wrong_option_is_told(task: Any, options: dict[str, Any], message: str) -> None:
    X, y = task
    with pytest.raises(ValueError, match=message):
        sweep(small(), SPACE, X, y, **{"n_trials": 1, **options})


def test_what_cannot_be_tuned_or_stored_is_told(task: Any) -> None:
    X, y = task
    with pytest.raises(TypeError, match=r"must be a recurrent classifier of seqclf.*got LogisticRegression"):
        sweep(LogisticRegression(), SPACE, X, y, n_trials=1)
    with pytest.raises(TypeError, match="`storage` must be None, a file, the URL of a database"):
        sweep(small(), SPACE, X, y, n_trials=1, storage=3, study_name="a")  # type: ignore[arg-type]
    memory = optuna.storages.InMemoryStorage()
    with pytest.raises(ValueError, match="Several processes cannot share a storage in memory; got n_jobs=2"):
        sweep(small(), SPACE, X, y, n_trials=1, n_jobs=2, storage=memory, study_name="a")


def test_a_database_keeps_a_sweep(task: Any, postgresql: str) -> None:
    X, y = task
    stored: dict[str, Any] = {"storage": postgresql, "study_name": "kept", "random_state": 0, "refit": False}
    sweep(small(), SPACE, X, y, n_trials=2, **stored)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = sweep(small(), SPACE, X, y, n_trials=4, **stored | {"storage": open_storage(postgresql)})
    assert scores(result) == scores(sweep(small(), SPACE, X, y, n_trials=4, random_state=0, refit=False))


def test_optuna_and_the_trackers_packages_are_imported_where_they_are_used() -> None:
    code = (
        "import sys, seqclf.tuning\n"
        "print([name for name in ('optuna', 'wandb', 'mlflow', 'tensorboard', 'matplotlib') if name in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )
