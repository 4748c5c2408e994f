from __future__ import annotations

import warnings
from typing import Any

import optuna

from seqclf.tuning._sampler import ReseededTPESampler


def draws(study: optuna.Study, n_trials: int) -> list[tuple[float, ...]]:
    for _ in range(n_trials):
        trial = study.ask()
        x, y = trial.suggest_float("x", 0.0, 1.0), trial.suggest_float("y", 0.0, 1.0)
        study.tell(trial, -((x - 0.3) ** 2) - y)
    return [tuple(trial.params.values()) for trial in study.trials]


def test_a_new_sampler_continues_the_draws_of_the_first() -> None:
    """Trials beyond the tenth are drawn by TPE, those before at random."""

    def study() -> optuna.Study:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return optuna.create_study(direction="maximize", sampler=ReseededTPESampler(seed=3))

    whole, first = study(), study()
    expected = draws(whole, 14)
    draws(first, 5)
    resumed: Any = study()
    resumed.add_trials(first.trials)
    assert draws(resumed, 9) == expected
    assert len(set(expected)) == 14


def test_another_seed_draws_other_values() -> None:
    one, other = (draws(optuna.create_study(sampler=ReseededTPESampler(seed=seed)), 2) for seed in (0, 1))
    assert not set(one) & set(other)
