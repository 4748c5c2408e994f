"""A sweep that goes on: after a stop, in a file, in a database."""

from __future__ import annotations

import enum
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from sklearn.pipeline import Pipeline

from seqclf import GRUClassifier, LSTMClassifier, SeqclfWarning, ZScore
from seqclf.tuning import Choice, open_storage, sweep
from seqclf.tuning._liveness import at_work
from seqclf.tuning._state import WORKER
from tuning.small import SPACE, RaiseInTrial, scores, small


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


def test_numbers_of_numpy_survive_a_file(task: Any, tmp_path: Path) -> None:
    X, y = task
    space = {"lr": Choice(list(np.logspace(-3, -1, 3))), "hidden_size": Choice([np.int64(4)])}
    stored: dict[str, Any] = {"storage": tmp_path / "sweep.journal", "study_name": "beats", "random_state": 0}
    result = sweep(small(), space, X, y, n_trials=2, pruner=None, **stored)
    assert result.best_params["lr"] in (1e-3, 1e-2, 1e-1)
    assert result.best_estimator.lr == result.best_params["lr"]


class Width(enum.IntEnum):
    NARROW = 4
    WIDE = 8


def test_members_of_an_enumeration_survive_a_file(task: Any, tmp_path: Path) -> None:
    X, y = task
    stored: dict[str, Any] = {"storage": tmp_path / "sweep.journal", "study_name": "beats", "random_state": 0}
    result = sweep(small(), {"hidden_size": Choice(list(Width))}, X, y, n_trials=2, pruner=None, **stored)
    assert all(isinstance(trial.parameters["hidden_size"], Width) for trial in result.trials)


def test_a_running_trial_of_another_host_is_left_alone_and_told_of(task: Any, tmp_path: Path) -> None:
    X, y = task
    stored: dict[str, Any] = {"storage": open_storage(tmp_path / "sweep.journal"), "study_name": "beats"}
    sweep(small(), SPACE, X, y, n_trials=1, refit=False, **stored)
    theirs = optuna.load_study(study_name="beats", storage=stored["storage"]).ask()
    with at_work() as worker:
        theirs.set_user_attr(WORKER, worker | {"host": "elsewhere", "boot": "another"})
    with pytest.warns(
        SeqclfWarning, match=r"Trials \[1\] are marked as running, by processes that cannot be watched"
    ):
        result = sweep(small(), SPACE, X, y, n_trials=3, pruner=None, refit=False, **stored)
    assert [trial.status for trial in result.trials] == ["complete", "running", "complete"]


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
    with pytest.warns(SeqclfWarning, match="The sweep was interrupted. What was done until then is returned"):
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
    order = np.arange(len(y))
    parts = [(order[:50], order[100:]), (order[:60], order[100:])]
    sweep(small(), SPACE, X, y, cv=parts[:1], **stored | {"study_name": "parts"})
    with pytest.raises(ValueError, match=r"must have the same samples and parts; study 'parts' has"):
        sweep(small(), SPACE, X, y, cv=parts[1:], **stored | {"study_name": "parts"})
    whole = {"model": {"hidden_size": 4}}
    pipelines = [
        Pipeline([("scale", ZScore()), ("model", cell(max_epochs=1))])
        for cell in (GRUClassifier, LSTMClassifier)
    ]
    sweep(pipelines[0], whole, X, y, **stored | {"study_name": "whole"})
    with pytest.raises(ValueError, match=r"must have the same estimator; study 'whole' has"):
        sweep(pipelines[1], whole, X, y, **stored | {"study_name": "whole"})


def test_a_database_keeps_a_sweep(task: Any, postgresql: str) -> None:
    X, y = task
    stored: dict[str, Any] = {"storage": postgresql, "study_name": "kept", "random_state": 0, "refit": False}
    sweep(small(), SPACE, X, y, n_trials=2, **stored)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = sweep(small(), SPACE, X, y, n_trials=4, **stored | {"storage": open_storage(postgresql)})
    assert scores(result) == scores(sweep(small(), SPACE, X, y, n_trials=4, random_state=0, refit=False))
