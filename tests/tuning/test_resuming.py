"""Sweeps that resume: after an interruption, in a file, in a database."""

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
from seqclf.tuning._trial_status import WORKER
from seqclf.tuning._worker_lock import identified_worker
from tuning.small import SPACE, RaiseInTrial, scores, small


def test_two_calls_draw_the_same_trials_as_one(task: Any, tmp_path: Path) -> None:
    X, y = task
    options: dict[str, Any] = {"random_state": 0, "refit": False}
    whole = sweep(small(), SPACE, X, y, n_trials=6, **options)
    stored: dict[str, Any] = {"storage": tmp_path / "sweep.journal", "study_name": "beats", **options}
    assert len(sweep(small(), SPACE, X, y, n_trials=2, **stored).trials) == 2
    both = sweep(small(), SPACE, X, y, n_trials=6, **stored)
    assert scores(both) == scores(whole)
    assert [t.intermediate_values for t in both.trials] == [t.intermediate_values for t in whole.trials]
    assert len(sweep(small(), SPACE, X, y, n_trials=3, **stored).trials) == 6


def test_without_a_seed_all_calls_with_one_study_hold_out_the_same_samples(task: Any, tmp_path: Path) -> None:
    X, y = task
    stored: dict[str, Any] = {"storage": tmp_path / "sweep.journal", "study_name": "beats", "refit": False}
    sweep(small(), SPACE, X, y, n_trials=1, **stored)
    assert len(sweep(small(), SPACE, X, y, n_trials=2, **stored).trials) == 2


def test_numpy_scalars_survive_a_file(task: Any, tmp_path: Path) -> None:
    X, y = task
    space = {"lr": Choice(list(np.logspace(-3, -1, 3))), "hidden_size": Choice([np.int64(4)])}
    stored: dict[str, Any] = {"storage": tmp_path / "sweep.journal", "study_name": "beats", "random_state": 0}
    result = sweep(small(), space, X, y, n_trials=2, pruner=None, **stored)
    assert result.best_params["lr"] in (1e-3, 1e-2, 1e-1)
    assert result.best_estimator.lr == result.best_params["lr"]


class Width(enum.IntEnum):
    NARROW = 4
    WIDE = 8


def test_enumeration_members_survive_a_file(task: Any, tmp_path: Path) -> None:
    X, y = task
    stored: dict[str, Any] = {"storage": tmp_path / "sweep.journal", "study_name": "beats", "random_state": 0}
    result = sweep(small(), {"hidden_size": Choice(list(Width))}, X, y, n_trials=2, pruner=None, **stored)
    assert all(isinstance(trial.params["hidden_size"], Width) for trial in result.trials)


def test_a_running_trial_of_another_host_is_not_requeued_but_reported(task: Any, tmp_path: Path) -> None:
    X, y = task
    stored: dict[str, Any] = {"storage": open_storage(tmp_path / "sweep.journal"), "study_name": "beats"}
    sweep(small(), SPACE, X, y, n_trials=1, refit=False, **stored)
    theirs = optuna.load_study(study_name="beats", storage=stored["storage"]).ask()
    with identified_worker(None, "their call") as worker:
        theirs.set_user_attr(WORKER, worker | {"host": "elsewhere"})
    with pytest.warns(
        SeqclfWarning, match=r"Trials \[1\] are marked as running, in processes that cannot be monitored"
    ):
        result = sweep(small(), SPACE, X, y, n_trials=3, pruner=None, refit=False, **stored)
    assert [trial.status for trial in result.trials] == ["complete", "running", "complete"]


def test_a_call_after_a_kill_runs_the_lost_trial_again(task: Any, tmp_path: Path) -> None:
    X, y = task
    storage = open_storage(tmp_path / "sweep.journal")
    stored: dict[str, Any] = {"study_name": "beats", "pruner": None, "random_state": 0, "refit": False}
    sweep(small(), SPACE, X, y, n_trials=1, storage=storage, **stored)
    lost = optuna.load_study(study_name="beats", storage=storage).ask()
    lost.suggest_float("lr", 1e-3, 1e-1, log=True)
    with identified_worker(tmp_path / "sweep.journal", "an earlier call") as worker:
        lost.set_user_attr(WORKER, worker)
    result = sweep(small(), SPACE, X, y, n_trials=3, storage=tmp_path / "sweep.journal", **stored)
    assert [t.status for t in result.trials] == ["complete", "failed", "complete", "complete"]
    assert result.trials[2].params["lr"] == lost.params["lr"]


def test_ctrl_c_keeps_the_trials_and_a_second_call_runs_the_rest(task: Any, tmp_path: Path) -> None:
    X, y = task
    stored: dict[str, Any] = {
        "n_trials": 5,
        "pruner": None,
        "random_state": 0,
        "storage": tmp_path / "sweep.journal",
        "study_name": "beats",
    }
    ctrl_c = small(callbacks=[RaiseInTrial(KeyboardInterrupt(), fit=3)])
    with pytest.warns(SeqclfWarning, match="The sweep was interrupted. The trials so far are returned"):
        result = sweep(ctrl_c, SPACE, X, y, **stored)
    assert [trial.status for trial in result.trials] == ["complete", "complete", "interrupted"]
    assert result.best_score > 0
    assert result.best_estimator is None
    rest = sweep(small(), SPACE, X, y, **stored)
    assert [t.status for t in rest.trials] == ["complete"] * 2 + ["interrupted"] + ["complete"] * 3
    assert scores(rest)[:2] == scores(result)[:2]
    assert rest.best_estimator is not None


def test_ctrl_c_returns_trials_kept_in_memory(task: Any) -> None:
    X, y = task
    ctrl_c = small(callbacks=[RaiseInTrial(KeyboardInterrupt(), fit=2)])
    with pytest.warns(SeqclfWarning, match="interrupted"):
        result = sweep(ctrl_c, SPACE, X, y, n_trials=5, pruner=None, random_state=0)
    assert len(result.trials) == 2


def test_a_study_not_made_by_sweep_is_refused(task: Any) -> None:
    X, y = task
    memory = optuna.storages.InMemoryStorage()
    optuna.create_study(storage=memory, study_name="theirs")
    with pytest.raises(ValueError, match=r"study 'theirs' is not one. Choose another name"):
        sweep(small(), SPACE, X, y, n_trials=1, storage=memory, study_name="theirs")


def test_a_study_refuses_other_samples_splits_scoring_space_or_estimator(task: Any, tmp_path: Path) -> None:
    X, y = task
    stored: dict[str, Any] = {
        "n_trials": 1,
        "storage": tmp_path / "sweep.journal",
        "study_name": "beats",
        "refit": False,
    }
    sweep(small(), SPACE, X, y, **stored)
    with pytest.raises(ValueError, match=r"must have the same samples and splits; study 'beats' has"):
        sweep(small(), SPACE, X[:60], y[:60], **stored)
    with pytest.raises(
        ValueError, match=r"must have the same scoring; study 'beats' has 'f1_macro'.*'accuracy'"
    ):
        sweep(small(), SPACE, X, y, scoring="accuracy", **stored)
    with pytest.raises(ValueError, match=r"must have the same space; study 'beats' has"):
        sweep(small(), {**SPACE, "tol": 0.1}, X, y, **stored)
    with pytest.raises(ValueError, match=r"must have the same estimator; study 'beats' has"):
        sweep(small(batch_size=16), SPACE, X, y, **stored)
    order = np.arange(len(y))
    splits = [(order[:50], order[60:]), (order[:55], order[60:])]
    sweep(small(), SPACE, X, y, cv=splits[:1], **stored | {"study_name": "splits"})
    with pytest.raises(ValueError, match=r"must have the same samples and splits; study 'splits' has"):
        sweep(small(), SPACE, X, y, cv=splits[1:], **stored | {"study_name": "splits"})
    whole = {"model": {"hidden_size": 4}}
    pipelines = [
        Pipeline([("scale", ZScore()), ("model", cell(max_epochs=1))])
        for cell in (GRUClassifier, LSTMClassifier)
    ]
    sweep(pipelines[0], whole, X, y, **stored | {"study_name": "whole"})
    with pytest.raises(ValueError, match=r"must have the same estimator; study 'whole' has"):
        sweep(pipelines[1], whole, X, y, **stored | {"study_name": "whole"})


def test_a_database_keeps_the_trials_of_a_sweep(task: Any, postgresql: str) -> None:
    X, y = task
    stored: dict[str, Any] = {"storage": postgresql, "study_name": "kept", "random_state": 0, "refit": False}
    sweep(small(), SPACE, X, y, n_trials=2, **stored)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = sweep(small(), SPACE, X, y, n_trials=4, **stored | {"storage": open_storage(postgresql)})
    assert scores(result) == scores(sweep(small(), SPACE, X, y, n_trials=4, random_state=0, refit=False))
