"""What mattered, told from trials made up by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import optuna

from seqclf.tuning._reading import _importances

SPACE: dict[str, Any] = {
    name: optuna.distributions.FloatDistribution(0.0, 1.0) for name in ("matters", "idle")
}


def study_of(n_trials: int, *, pruned_below: float) -> optuna.Study:
    """Return trials whose score is the first parameter; those below a score were stopped after their first epoch."""
    study, rng = optuna.create_study(direction="maximize"), np.random.default_rng(0)
    for matters, idle in rng.random((n_trials, 2)):
        complete = matters >= pruned_below
        study.add_trial(
            optuna.create_trial(
                state=optuna.trial.TrialState.COMPLETE if complete else optuna.trial.TrialState.PRUNED,
                value=matters if complete else None,
                params={"matters": matters, "idle": idle},
                distributions=SPACE,
                intermediate_values={1: matters / 2, 2: matters} if complete else {1: matters / 2},
            )
        )
    return study


def test_what_sets_the_best_apart_matters() -> None:
    found = _importances(study_of(40, pruned_below=0.0), by_epoch=True)
    assert found["matters"] > 0.8
    assert found["matters"] + found["idle"] == 1.0


def test_trials_that_were_stopped_count_with_their_last_score_where_that_is_one() -> None:
    study = study_of(40, pruned_below=0.9)
    assert sum(trial.state.name == "COMPLETE" for trial in study.trials) < 10
    assert _importances(study, by_epoch=True)["matters"] > 0.8
    assert _importances(study, by_epoch=False) == {}


def test_too_few_trials_tell_nothing() -> None:
    assert _importances(study_of(9, pruned_below=0.0), by_epoch=True) == {}


def test_trials_that_are_all_alike_tell_nothing() -> None:
    study = optuna.create_study(direction="maximize")
    study.add_trials(
        [
            optuna.create_trial(value=0.5, params={"matters": 0.5, "idle": 0.5}, distributions=SPACE)
            for _ in range(20)
        ]
    )
    assert _importances(study, by_epoch=True) == {}
