"""Trials that fail, and processes that die before they begin one."""

from __future__ import annotations

import gc
from concurrent.futures import BrokenExecutor, Future
from pathlib import Path
from typing import Any

import optuna
import pytest

from seqclf import SeqclfWarning
from seqclf.nn import SequenceNetwork
from seqclf.training import EpochRecord
from seqclf.tuning import Choice, sweep
from tuning.small import SPACE, RaiseInTrial, small


def test_a_failed_trial_is_recorded_and_the_sweep_continues(task: Any) -> None:
    X, y = task
    out_of_memory = RaiseInTrial(MemoryError("no 12 GiB left"), fit=2)
    result = sweep(
        small(callbacks=[out_of_memory]), SPACE, X, y, n_trials=4, pruner=None, random_state=0, refit=False
    )
    assert [trial.status for trial in result.trials] == ["complete", "failed", "complete", "complete"]
    assert result.trials[1].reason == "MemoryError: no 12 GiB left"
    assert result.trials[1].params


def test_a_nan_score_fails_the_trial(task: Any) -> None:
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


def test_a_failed_refit_keeps_the_trials(task: Any) -> None:
    X, y = task
    estimator = small(callbacks=[RaiseInTrial(MemoryError("full"), fit=3)])
    with pytest.warns(SeqclfWarning, match=r"The refit of the best parameters failed \(MemoryError: full\)"):
        result = sweep(estimator, SPACE, X, y, n_trials=2, pruner=None, random_state=0)
    assert result.best_score > 0
    assert result.best_estimator is None


class DeadWorker:
    """A worker whose process dies before it begins a trial, without the process."""

    n_started = number = 0

    def __init__(self, *arguments: Any) -> None:
        self.future: Future[None] = Future()
        self.future.set_result(None)
        DeadWorker.n_started += 1

    def result(self) -> BrokenExecutor:
        return BrokenExecutor("died")

    def kill(self) -> None: ...


@pytest.fixture
def dead_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqclf.tuning._processes.Worker", DeadWorker)
    monkeypatch.setattr(DeadWorker, "n_started", 0)


@pytest.mark.usefixtures("dead_workers")
def test_a_sweep_raises_if_no_process_begins_a_trial(task: Any) -> None:
    X, y = task
    with pytest.raises(RuntimeError, match=r"A process must begin a trial; 7 in a row died before that"):
        sweep(small(), SPACE, X, y, n_trials=4, n_jobs=2, random_state=0)
    assert DeadWorker.n_started == 2 + 5


@pytest.mark.usefixtures("dead_workers")
def test_earlier_trials_are_returned_if_no_process_begins_another(task: Any, tmp_path: Path) -> None:
    X, y = task
    stored: dict[str, Any] = {"storage": tmp_path / "sweep.journal", "study_name": "beats"}
    sweep(small(), SPACE, X, y, n_trials=1, random_state=0, refit=False, **stored)
    with pytest.warns(SeqclfWarning, match=r"A process must begin a trial.*The trials so far are returned"):
        result = sweep(small(), SPACE, X, y, n_trials=4, n_jobs=2, random_state=0, **stored)
    assert [trial.status for trial in result.trials] == ["complete"]


class CountNetworks:
    """Counts the networks in memory in the first epoch of each trial, then ends the trial."""

    def __init__(self) -> None:
        self.counts: list[int] = []

    def __deepcopy__(self, memo: object) -> CountNetworks:
        return self

    def on_epoch_end(self, record: EpochRecord) -> None:
        self.counts.append(sum(type(one) is SequenceNetwork for one in gc.get_objects()))
        raise optuna.TrialPruned if len(self.counts) % 2 else MemoryError("full")


def test_a_trial_that_ended_early_releases_its_memory(task: Any) -> None:
    X, y = task
    count = CountNetworks()
    gc.collect()
    gc.disable()
    try:
        sweep(small(callbacks=[count]), SPACE, X, y, n_trials=4, random_state=0, refit=False)
    finally:
        gc.enable()
    assert len(count.counts) == 4
    assert len(set(count.counts)) == 1


def test_a_diverged_trial_records_its_reason(task: Any) -> None:
    X, y = task
    space = {"lr": Choice([1e30]), "gradient_clip": None}
    with pytest.warns(SeqclfWarning, match="No trial is complete, so nothing is refitted"):
        result = sweep(small(), space, X, y, n_trials=2, random_state=0)
    assert [trial.status for trial in result.trials] == ["failed"] * 2
    assert str(result.trials[0].reason).startswith(
        "TrainingDivergedError: The loss of an epoch must be finite"
    )
    with pytest.raises(
        ValueError, match=r"needs a complete trial; got 2 failed. Trial 0 failed: TrainingDiverged"
    ):
        _ = result.best_params
    assert result.best_estimator is None
