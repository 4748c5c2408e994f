"""Pruners stop trials early."""

from __future__ import annotations

from typing import Any

import optuna

from seqclf.tuning import LogUniform, sweep
from tuning.small import SPACE, scores, small


class PruneAlways(optuna.pruners.BasePruner):
    def prune(self, study: Any, trial: Any) -> bool:
        return bool(trial.last_step >= 2)


def test_a_pruned_trial_stops_after_that_epoch(task: Any) -> None:
    X, y = task
    result = sweep(small(), SPACE, X, y, n_trials=2, pruner=PruneAlways(), random_state=0, refit=False)
    assert [trial.status for trial in result.trials] == ["pruned"] * 2
    assert [len(trial.intermediate_values) for trial in result.trials] == [2, 2]
    assert scores(result) == [None, None]


class PruneLast(optuna.pruners.BasePruner):
    def prune(self, study: Any, trial: Any) -> bool:
        return bool(trial.last_step == 3)


def test_a_trial_is_not_pruned_after_its_last_epoch(task: Any) -> None:
    X, y = task
    result = sweep(small(), SPACE, X, y, n_trials=1, pruner=PruneLast(), random_state=0, refit=False)
    assert [(trial.status, len(trial.intermediate_values)) for trial in result.trials] == [("complete", 3)]


def test_pruners_save_epochs(task: Any) -> None:
    X, y = task
    options: dict[str, Any] = {"n_trials": 12, "random_state": 2, "refit": False}

    def n_epochs(pruner: Any) -> int:
        estimator, space = small(max_epochs=9), {"lr": LogUniform(1e-4, 1e-1)}
        trials = sweep(estimator, space, X, y, pruner=pruner, **options).trials
        return sum(len(trial.intermediate_values) for trial in trials)

    assert n_epochs("halving") < 0.7 * 12 * 9
    assert n_epochs("median") < 12 * 9
