"""What trackers and the study are told of a trial."""

from __future__ import annotations

from typing import Any

import optuna
import pytest

from seqclf import SeqclfWarning
from seqclf.evaluation import Report
from seqclf.tracking import RunInfo, RunStatus
from seqclf.training import EpochRecord
from seqclf.tuning import Choice, LogUniform, sweep
from tuning.small import small


class Notes:
    """Remembers what a tracker is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def start(self, run: RunInfo) -> None:
        self.told.append(run)

    def log_epoch(self, record: EpochRecord) -> None:
        self.told.append(record.epoch)

    def log_report(self, report: Report, model: Any = None) -> None:
        self.told.append((report.n_samples, round(report.macro_f1, 6), type(model).__name__))

    def finish(self, status: RunStatus) -> None:
        self.told.append(status)


def test_a_tracker_is_told_of_each_trial_from_its_start_to_its_end(task: Any) -> None:
    X, y = task
    notes = Notes()
    result = sweep(
        small(),
        {"lr": Choice([0.01])},
        X,
        y,
        n_trials=2,
        study_name="beats",
        trackers=[notes],
        pruner=None,
        random_state=0,
    )
    score = round(result.best_score, 6)
    assert notes.told == [
        *(RunInfo(name="trial-0000", group="beats", parameters={"lr": 0.01}), 1, 2, 3),
        *((30, score, "GRUClassifier"), "complete"),
        *(RunInfo(name="trial-0001", group="beats", parameters={"lr": 0.01}), 1, 2, 3),
        *((30, score, "GRUClassifier"), "complete"),
    ]


class PruneAtTwo(optuna.pruners.BasePruner):
    def prune(self, study: Any, trial: Any) -> bool:
        return bool(trial.last_step == 2)


def test_a_tracker_hears_that_a_trial_was_stopped_or_failed(task: Any) -> None:
    X, y = task
    notes = Notes()
    sweep(
        small(),
        {"lr": Choice([0.01])},
        X,
        y,
        n_trials=1,
        trackers=[notes],
        pruner=PruneAtTwo(),
        random_state=0,
        refit=False,
    )
    assert notes.told[1:] == [1, 2, "pruned"]
    notes = Notes()
    sweep(
        small(gradient_clip=None),
        {"lr": Choice([1e30])},
        X,
        y,
        n_trials=1,
        trackers=[notes],
        random_state=0,
        refit=False,
    )
    assert notes.told[-1] == "failed"


def test_a_tracker_that_fails_stops_no_trial(task: Any) -> None:
    X, y = task

    class Broken(Notes):
        def log_epoch(self, record: EpochRecord) -> None:
            raise OSError("disk full")

    broken, notes = Broken(), Notes()
    with pytest.warns(SeqclfWarning, match="disk full"):
        result = sweep(
            small(),
            {"lr": LogUniform(1e-3, 1e-1)},
            X,
            y,
            n_trials=2,
            trackers=[broken, notes],
            pruner=None,
            random_state=0,
        )
    assert [trial.status for trial in result.trials] == ["complete"] * 2
    assert notes.told.count("complete") == 2


def test_a_reason_is_cut_to_what_a_table_can_hold(task: Any) -> None:
    X, y = task

    class Fail:
        def on_epoch_end(self, record: EpochRecord) -> None:
            raise RuntimeError("x" * 10_000)

    result = sweep(
        small(callbacks=[Fail()]), {"lr": Choice([0.01])}, X, y, n_trials=1, random_state=0, refit=False
    )
    assert result.trials[0].reason == ("RuntimeError: " + "x" * 500)[:500]
