"""Trials that fail, and processes that end."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

import optuna
import pytest

from seqclf import SeqclfWarning
from seqclf.nn import SequenceNetwork
from seqclf.training import EpochRecord
from seqclf.tuning import Choice, sweep
from tuning.small import SPACE, RaiseInTrial, small


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


class EndOnArrival:
    """Ends each process that it is sent to."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (9,)

    def __deepcopy__(self, memo: object) -> EndOnArrival:
        return self

    def on_epoch_end(self, record: EpochRecord) -> None: ...


def test_where_no_process_ever_begins_a_trial_the_sweep_gives_up(
    task: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = task
    monkeypatch.setattr("seqclf.tuning._running._MOST_BARREN", 1)
    with pytest.raises(RuntimeError, match=r"A process must begin a trial; \d in a row ended before"):
        sweep(small(callbacks=[EndOnArrival()]), SPACE, X, y, n_trials=4, n_jobs=2, random_state=0)


def test_where_none_begins_any_more_what_was_done_is_returned(
    task: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = task
    monkeypatch.setattr("seqclf.tuning._running._MOST_BARREN", 1)
    stored: dict[str, Any] = {"storage": tmp_path / "sweep.journal", "study_name": "beats", "random_state": 0}
    sweep(small(), SPACE, X, y, n_trials=1, refit=False, **stored)
    ends = small(callbacks=[EndOnArrival()])
    with pytest.warns(
        SeqclfWarning, match=r"A process must begin a trial.*What was done until then is returned"
    ):
        result = sweep(ends, SPACE, X, y, n_trials=4, n_jobs=2, **stored)
    assert [trial.status for trial in result.trials] == ["complete"]


class CountNetworks:
    """Counts, in the first epoch of each trial, the networks that are there, and ends the trial."""

    def __init__(self) -> None:
        self.counts: list[int] = []

    def __deepcopy__(self, memo: object) -> CountNetworks:
        return self

    def on_epoch_end(self, record: EpochRecord) -> None:
        self.counts.append(sum(type(one) is SequenceNetwork for one in gc.get_objects()))
        raise optuna.TrialPruned if len(self.counts) % 2 else MemoryError("full")


def test_a_trial_that_ended_early_leaves_its_memory_to_the_next(task: Any) -> None:
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
        _ = result.best_params
    assert result.best_estimator is None
