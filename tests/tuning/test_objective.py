"""What a trial reports to trackers and to its study."""

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


class Recorder:
    """Records the calls of a tracker."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def start(self, run: RunInfo) -> None:
        self.calls.append(run)

    def log_epoch(self, record: EpochRecord) -> None:
        self.calls.append(record.epoch)

    def log_report(self, report: Report, model: Any = None) -> None:
        self.calls.append((report.n_samples, round(report.macro_f1, 6), type(model).__name__))

    def finish(self, status: RunStatus) -> None:
        self.calls.append(status)


def test_a_tracker_receives_each_trial_from_start_to_finish(task: Any) -> None:
    X, y = task
    recorder = Recorder()
    result = sweep(
        small(),
        {"lr": Choice([0.01])},
        X,
        y,
        n_trials=2,
        study_name="beats",
        trackers=[recorder],
        pruner=None,
        random_state=0,
    )
    score = round(result.best_score, 6)
    assert recorder.calls == [
        *(RunInfo(name="trial-0000", group="beats", parameters={"lr": 0.01}), 1, 2, 3),
        *((18, score, "GRUClassifier"), "complete"),
        *(RunInfo(name="trial-0001", group="beats", parameters={"lr": 0.01}), 1, 2, 3),
        *((18, score, "GRUClassifier"), "complete"),
    ]


class PruneAtTwo(optuna.pruners.BasePruner):
    def prune(self, study: Any, trial: Any) -> bool:
        return bool(trial.last_step == 2)


def test_a_tracker_receives_the_status_of_pruned_and_failed_trials(task: Any) -> None:
    X, y = task
    recorder = Recorder()
    sweep(
        small(),
        {"lr": Choice([0.01])},
        X,
        y,
        n_trials=1,
        trackers=[recorder],
        pruner=PruneAtTwo(),
        random_state=0,
        refit=False,
    )
    assert recorder.calls[1:] == [1, 2, "pruned"]
    recorder = Recorder()
    sweep(
        small(gradient_clip=None),
        {"lr": Choice([1e30])},
        X,
        y,
        n_trials=1,
        trackers=[recorder],
        random_state=0,
        refit=False,
    )
    assert recorder.calls[-1] == "failed"


def test_a_failing_tracker_stops_no_trial(task: Any) -> None:
    X, y = task

    class Broken(Recorder):
        def log_epoch(self, record: EpochRecord) -> None:
            raise OSError("disk full")

    broken, recorder = Broken(), Recorder()
    with pytest.warns(SeqclfWarning, match="disk full"):
        result = sweep(
            small(),
            {"lr": LogUniform(1e-3, 1e-1)},
            X,
            y,
            n_trials=2,
            trackers=[broken, recorder],
            pruner=None,
            random_state=0,
        )
    assert [trial.status for trial in result.trials] == ["complete"] * 2
    assert recorder.calls.count("complete") == 2


def test_a_long_reason_is_truncated(task: Any) -> None:
    X, y = task

    class Fail:
        def on_epoch_end(self, record: EpochRecord) -> None:
            raise RuntimeError("x" * 10_000)

    result = sweep(
        small(callbacks=[Fail()]), {"lr": Choice([0.01])}, X, y, n_trials=1, random_state=0, refit=False
    )
    assert result.trials[0].reason == ("RuntimeError: " + "x" * 500)[:500]
