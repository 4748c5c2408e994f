"""Parameter importances of hand-made trials."""

from __future__ import annotations

from typing import Any

import numpy as np
import optuna

from seqclf.tuning._read_result import param_importances

SPACE: dict[str, Any] = {
    name: optuna.distributions.FloatDistribution(0.0, 1.0) for name in ("matters", "idle")
}


def study_of(n_trials: int, *, pruned_below: float) -> optuna.Study:
    """Return trials whose score is the first parameter; those below `pruned_below` were pruned after their first epoch."""
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


def test_the_parameter_that_determines_the_score_is_important() -> None:
    found = param_importances(study_of(40, pruned_below=0.0), include_pruned=True)
    assert found["matters"] > 0.8
    assert found["matters"] + found["idle"] == 1.0


def test_pruned_trials_count_only_if_their_last_value_is_a_score() -> None:
    study = study_of(40, pruned_below=0.9)
    assert sum(trial.state.name == "COMPLETE" for trial in study.trials) < 10
    assert param_importances(study, include_pruned=True)["matters"] > 0.8
    assert param_importances(study, include_pruned=False) == {}


def test_few_trials_give_no_importances() -> None:
    assert param_importances(study_of(9, pruned_below=0.0), include_pruned=True) == {}


def test_equal_trials_give_no_importances() -> None:
    study = optuna.create_study(direction="maximize")
    study.add_trials(
        [
            optuna.create_trial(value=0.5, params={"matters": 0.5, "idle": 0.5}, distributions=SPACE)
            for _ in range(20)
        ]
    )
    assert param_importances(study, include_pruned=True) == {}
