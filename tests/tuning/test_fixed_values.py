"""What no trial could use is refused before the first one: bad values, lists of options, distributions of other libraries."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import optuna
import pytest
from scipy.stats import loguniform, randint
from sklearn.pipeline import make_pipeline

from seqclf import GRUClassifier, ZScore
from seqclf.training import EpochRecord
from seqclf.tuning import Choice, Either, sweep
from tuning.small import small

X, Y = [[0.1, 0.9, 0.3], [0.9, 0.1, 0.2]] * 8, [0, 1] * 8
LONG = [np.resize(x, 80) for x in X]  # read by a stem


def run(space: Any, estimator: Any = None, samples: Any = X) -> Any:
    return sweep(
        small(max_epochs=1) if estimator is None else estimator,
        space,
        samples,
        Y,
        n_trials=1,
        random_state=0,
        refit=False,
    )


class Count:
    """Counts the epochs of all fits."""

    epochs = 0

    def on_epoch_end(self, record: EpochRecord) -> None:
        type(self).epochs += 1


@pytest.mark.parametrize(
    ("space", "name", "value", "options"),
    [
        ({"hidden_size": [4, 8]}, "hidden_size", [4, 8], [4, 8]),
        ({"hidden_size": (4, 8)}, "hidden_size", (4, 8), [4, 8]),
        ({"hidden_size": range(4, 6)}, "hidden_size", range(4, 6), [4, 5]),
        ({"hidden_size": {4}}, "hidden_size", {4}, [4]),
        ({"hidden_size": np.array([4, 8])}, "hidden_size", np.array([4, 8]), [4, 8]),
        ({"lr": (0.001, 0.1)}, "lr", (0.001, 0.1), [0.001, 0.1]),
        ({"max_epochs": [1, 2]}, "max_epochs", [1, 2], [1, 2]),
        ({"device": ["cpu"]}, "device", ["cpu"], ["cpu"]),
        ({"bidirectional": [True, False]}, "bidirectional", [True, False], [True, False]),
        ({"scale": ["standard", None]}, "scale", ["standard", None], ["standard", None]),
        ({"pooling": ["last", "median"]}, "pooling", ["last", "median"], ["last", "median"]),
        ({"size": Either([{"hidden_size": [4, 8]}, {}])}, "hidden_size", [4, 8], [4, 8]),
    ],
)
@pytest.mark.parametrize("samples", [X, LONG], ids=["short", "long"])
def test_a_list_of_options_is_refused_before_the_first_trial(
    space: Any, name: str, value: Any, options: Any, samples: Any
) -> None:
    message = (
        f"A value in `space` must be a distribution, or a fixed value that its parameter accepts; got {value!r} for {name!r}. Pass "
        f"`Choice({options!r})` to try each of them, or `Uniform`, `LogUniform` or `IntRange` for a range."
    )
    Count.epochs = 0
    with pytest.raises(ValueError, match=re.escape(message)):
        run(space, small(max_epochs=1, callbacks=Count()), samples)
    assert Count.epochs == 0


@pytest.mark.parametrize(
    ("space", "name"),
    [
        ({"gruclassifier": {"hidden_size": [4, 8]}}, "gruclassifier__hidden_size"),
        ({"gruclassifier__hidden_size": [4, 8]}, "gruclassifier__hidden_size"),
        ({"zscore": {"per": ["sequence", "dataset"]}}, "zscore__per"),
    ],
)
def test_a_list_of_options_is_refused_in_a_pipeline(space: Any, name: str) -> None:
    with pytest.raises(ValueError, match=rf"got \[.*\] for '{name}'. Pass `Choice\(\["):
        run(space, make_pipeline(ZScore(), small(max_epochs=1)))


BAD = [
    ("monitor", "macro_f1", ValueError, "`monitor` must be one of ['valid_loss'"),
    ("lr", -1.0, ValueError, "`lr` must be positive and finite; got -1.0."),
    ("max_epochs", "ten", (TypeError, ValueError), "`max_epochs` must be"),
    ("pooling", "median", ValueError, "`pooling` must be one of"),
    ("sampler", "balance", ValueError, "`sampler` must be one of"),
    ("callbacks", [print], TypeError, "`callbacks` must hold objects with a method `on_epoch_end(record)`"),
]


@pytest.mark.parametrize("in_pipeline", [False, True])
@pytest.mark.parametrize(("name", "value", "error", "message"), BAD)
def test_a_bad_parameter_that_no_trial_varies_is_refused_before_the_first_trial(
    name: str, value: Any, error: Any, message: str, in_pipeline: bool
) -> None:
    estimator: Any = small(**{"callbacks": [Count()], name: value})
    varied = "gruclassifier__hidden_size" if in_pipeline else "hidden_size"
    Count.epochs = 0
    with pytest.raises(error, match=re.escape(message)):
        run({varied: Choice([4, 8])}, make_pipeline(ZScore(), estimator) if in_pipeline else estimator)
    assert Count.epochs == 0


def test_a_bad_value_that_the_space_fixes_is_refused() -> None:
    with pytest.raises(ValueError, match="`lr` must be positive and finite"):
        run({"lr": -1.0, "hidden_size": Choice([4])})


def test_a_bad_value_that_the_space_of_a_step_fixes_is_refused() -> None:
    space = {"gruclassifier": {"lr": -1.0, "hidden_size": Choice([4])}}
    with pytest.raises(ValueError, match="`lr` must be positive and finite"):
        run(space, make_pipeline(ZScore(), small(max_epochs=1)))


def test_a_bad_parameter_that_the_space_varies_is_no_error() -> None:
    estimator = small(lr=-1.0, max_epochs=1, callbacks=[Count()])
    Count.epochs = 0
    (trial,) = run({"lr": Choice([0.01])}, estimator).trials
    assert trial.status == "complete"
    assert Count.epochs == 1  # of the trial, and none of the check


@pytest.mark.parametrize("pooling", [("last", "mean"), ["last", "mean"]])
def test_a_collection_that_the_parameter_accepts_is_a_fixed_value(pooling: Any) -> None:
    Count.epochs = 0
    result = run({"pooling": pooling, "hidden_size": Choice([4])}, small(max_epochs=1, callbacks=Count()))
    assert result.best_params == {"pooling": pooling, "hidden_size": 4}
    assert Count.epochs == 1, "the check runs no callback"


def test_a_value_is_not_blamed_for_the_error_of_another_parameter() -> None:
    with pytest.raises(ValueError, match="`hidden_size` must be at least 1; got 0"):
        run({"pooling": ("last", "mean")}, GRUClassifier(hidden_size=0, max_epochs=1))


@pytest.mark.parametrize(
    ("value", "got"),
    [
        (loguniform(1e-3, 1e-1), "rv_continuous_frozen of SciPy"),
        (randint(1, 5), "rv_discrete_frozen of SciPy"),
        (optuna.distributions.FloatDistribution(1e-3, 1e-1, log=True), "FloatDistribution of Optuna"),
        (optuna.distributions.CategoricalDistribution([4, 8]), "CategoricalDistribution of Optuna"),
    ],
)
@pytest.mark.parametrize("wrap", [lambda inner: inner, lambda inner: {"choice": Either([{}, inner])}])
def test_distributions_of_other_libraries_are_refused(value: Any, got: str, wrap: Any) -> None:
    message = (
        f"A distribution in `space` must be one of `seqclf.tuning`; got {got} for 'lr'. Pass `Uniform(low, high)`, "
        "`LogUniform(low, high)`, `IntRange(low, high)` or `Choice([...])`."
    )
    with pytest.raises(TypeError, match=re.escape(message)):
        run(wrap({"lr": value}))
