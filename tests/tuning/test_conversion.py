from __future__ import annotations

import collections
import math
from typing import Any

import numpy as np
import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import ParameterSampler, RandomizedSearchCV

from seqclf import GRUClassifier
from seqclf.tuning import (
    Choice,
    Either,
    IntRange,
    LogUniform,
    Uniform,
    resolve,
    sklearn_distributions,
    suggest,
    wandb_config,
)

SPACE = {
    "lr": LogUniform(1e-3, 1e-1),
    "dropout": Uniform(0.0, 0.5),
    "hidden_size": IntRange(4, 11, step=4),
    "batch_size": IntRange(8, 64, log=True),
    "pooling": Choice(["last", ("mean", "max")]),
    "verbose": False,
    "depth": Either([{"num_layers": 1}, {"num_layers": IntRange(2, 4)}]),
}


def is_in_space(parameters: dict[str, Any]) -> bool:
    return (
        1e-3 <= parameters["lr"] <= 1e-1
        and 0 <= parameters["dropout"] <= 0.5
        and parameters["hidden_size"] in (4, 8)
        and isinstance(parameters["batch_size"], int)
        and 8 <= parameters["batch_size"] <= 64
        and parameters["pooling"] in ("last", ("mean", "max"))
        and parameters["verbose"] is False
        and 1 <= parameters["num_layers"] <= 4
        and len(parameters) == 7
    )


def test_optuna_draws_from_the_space_and_its_labels_are_resolved() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    drawn = []
    for _ in range(60):
        trial = study.ask()
        parameters = suggest(trial, SPACE)
        assert is_in_space(parameters)
        assert resolve(SPACE, trial.params) == parameters
        drawn.append(parameters)
    assert {p["num_layers"] for p in drawn} == {1, 2, 3, 4}
    assert {p["pooling"] for p in drawn} == {"last", ("mean", "max")}
    assert min(p["batch_size"] for p in drawn) < 16 < 32 < max(p["batch_size"] for p in drawn)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_scikit_learn_draws_from_the_space(seed: int) -> None:
    for parameters in ParameterSampler(sklearn_distributions(SPACE), n_iter=5, random_state=seed):
        assert is_in_space(
            {name: getattr(value, "item", lambda v=value: v)() for name, value in parameters.items()}
        )


def test_scikit_learn_gets_one_distribution_per_combination_of_options() -> None:
    two = Either([{"lr": 0.1}, {"lr": 0.2}])
    space = {"a": two, "b": Either([{"tol": 0.0}, {}])}
    assert sklearn_distributions(space) == [
        {"lr": [0.1], "tol": [0.0]},
        {"lr": [0.1]},
        {"lr": [0.2], "tol": [0.0]},
        {"lr": [0.2]},
    ]
    assert isinstance(sklearn_distributions({"lr": 0.1}), dict)


def test_log_integers_are_log_uniform() -> None:
    (space,) = [sklearn_distributions({"n": IntRange(1, 8, log=True)})]
    assert isinstance(space, dict)
    random = np.random.RandomState(0)
    counts = collections.Counter(space["n"].rvs(random_state=random) for _ in range(20_000))
    for n in range(1, 9):  # uniform on log(0.5) ... log(8.5)
        expected = math.log((n + 0.5) / (n - 0.5)) / math.log(8.5 / 0.5)
        assert counts[n] / 20_000 == pytest.approx(expected, abs=0.015)


def test_a_randomized_search_of_scikit_learn_runs() -> None:
    X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, [1, 0] * 8
    space = {
        "hidden_size": IntRange(2, 4),
        "depth": Either([{"num_layers": 1}, {"num_layers": 2, "dropout": 0.1}]),
    }
    search = RandomizedSearchCV(
        GRUClassifier(max_epochs=1), sklearn_distributions(space), n_iter=3, cv=2, random_state=0
    ).fit(X, y)
    assert search.best_params_["hidden_size"] in (2, 3, 4)


def test_the_wandb_config_lists_each_decision() -> None:
    """W&B's package for local sweeps, `sweeps` 0.3.0, accepts this configuration and draws from it."""
    config = wandb_config(SPACE, method="random", metric="accuracy")
    assert config["method"] == "random"
    assert config["metric"] == {"name": "accuracy", "goal": "maximize"}
    assert config["parameters"] == {
        "lr": {"distribution": "log_uniform_values", "min": 1e-3, "max": 1e-1},
        "dropout": {"distribution": "uniform", "min": 0.0, "max": 0.5},
        "hidden_size": {"values": [4, 8]},
        "batch_size": {"distribution": "q_log_uniform_values", "q": 1, "min": 8, "max": 64},
        "pooling": {"values": ["last", "1: ('mean', 'max')"]},
        "depth": {"values": [0, 1]},
        "depth.1.num_layers": {"distribution": "int_uniform", "min": 2, "max": 4},
    }


def test_wandb_values_are_resolved_to_parameters() -> None:
    drawn = {
        "lr": 0.01,
        "dropout": 0.1,
        "hidden_size": 4,
        "batch_size": 8,
        "pooling": "1: ('mean', 'max')",
        "depth": 0,
    }
    assert resolve(SPACE, drawn | {"depth.1.num_layers": 3}) == {
        "lr": 0.01,
        "dropout": 0.1,
        "hidden_size": 4,
        "batch_size": 8,
        "pooling": ("mean", "max"),
        "verbose": False,
        "num_layers": 1,
    }
