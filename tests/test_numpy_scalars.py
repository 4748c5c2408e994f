"""NumPy's integers, floats and booleans are accepted wherever Python's are, and give the same result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.model_selection import GridSearchCV

from ramps import ramps, small
from seqclf import as_sequences
from seqclf import transforms as tf
from seqclf.audit import audit_padding
from seqclf.datasets import load_mitbih, make_heartbeats, read_heartbeat_csv
from seqclf.evaluation import calibration_error
from seqclf.kernels import recurrence
from seqclf.nn import (
    AttentionPooling,
    ConvolutionalStem,
    CrossEntropyLoss,
    FocalLoss,
    LastState,
    LinearHead,
    LogitAdjustedLoss,
    MLPHead,
    RecurrentEncoder,
)
from seqclf.sampling import (
    BalancedSampler,
    LengthBucketSampler,
    ShuffleSampler,
    StratifiedBatchSampler,
    class_weights,
)
from seqclf.training import TrainingConfig
from seqclf.tuning import Choice, IntRange, LogUniform, Uniform, sweep

DATA = ramps()
X, Y = DATA.sequences, DATA.y


def numpy_of(value: Any) -> Any:
    """Return NumPy's scalar for a number, also inside containers."""
    if isinstance(value, bool):
        return np.bool_(value)
    if isinstance(value, int):
        return np.int64(value)
    if isinstance(value, float):
        return np.float64(value)
    if isinstance(value, tuple | list):
        return type(value)(map(numpy_of, value))
    return {key: numpy_of(one) for key, one in value.items()} if isinstance(value, dict) else value


PARAMETERS: dict[str, Any] = {
    "hidden_size": 8,
    "num_layers": 2,
    "bidirectional": True,
    "residual": True,
    "layer_norm": True,
    "dropout": 0.25,
    "head_dropout": 0.125,
    "max_epochs": 2,
    "batch_size": 16,
    "lr": 0.5,
    "weight_decay": 0.25,
    "gradient_clip": 1.0,
    "early_stopping": True,
    "validation_fraction": 0.5,
    "n_iter_no_change": 3,
    "tol": 0.25,
    "label_smoothing": 0.25,
    "prior_correction": True,
    "padding_value": 0.0,
    "warm_start": True,
    "verbose": False,
    "random_state": 3,
    "stem": "conv",
    "head": "mlp",
    "class_weight": {0: 0.5, 1: 2.0},
}


def fit(parameters: dict[str, Any]) -> NDArray[np.float64]:
    model = small(**parameters)
    proba = model.fit(DATA.padded(), Y).predict_proba(DATA.padded())
    for name, value in parameters.items():
        assert getattr(model, name) is value, "parameters are stored unchanged"
    model.fit(DATA.padded(), Y).partial_fit(DATA.padded(), Y)
    return proba


def test_an_estimator_takes_numpy_scalars_for_every_parameter() -> None:
    np.testing.assert_array_equal(fit(numpy_of(PARAMETERS)), fit(PARAMETERS))


@pytest.mark.parametrize("name", PARAMETERS)
def test_an_estimator_takes_a_numpy_scalar_for_each_parameter(name: str) -> None:
    options: dict[str, Any] = {"max_epochs": 1, "validation_fraction": 0.5} | {name: PARAMETERS[name]}
    np.testing.assert_array_equal(fit(options | {name: numpy_of(PARAMETERS[name])}), fit(options))


def test_factories_get_pythons_numbers() -> None:
    seen: list[Any] = []

    def sampler(spec: Any, generator: torch.Generator) -> list[Any]:
        seen.append(spec.batch_size)
        return [[0, 1]]

    small(sampler=sampler, batch_size=np.int64(7), max_epochs=1).fit(X, Y)
    assert seen == [7]
    assert type(seen[0]) is int


def test_a_grid_of_numpy_arrays_is_searched() -> None:
    grid = {
        "hidden_size": 2 ** np.arange(1, 3),
        "lr": np.logspace(-3, -2, 2),
        "bidirectional": np.array([True]),
    }
    search = GridSearchCV(small(max_epochs=1), grid, cv=2, error_score="raise").fit(X, Y)
    assert search.predict(X).shape == (48,)
    space = {name: Choice(list(values)) for name, values in grid.items()} | {"batch_size": np.int64(16)}
    assert (
        sweep(small(max_epochs=1), space, X, Y, **numpy_of({"n_trials": 2, "random_state": 0})).best_score
        >= 0
    )


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def module(kind: Callable[..., Any], **options: Any) -> Any:
    made = kind(**options, generator=seeded())
    return {name: value.tolist() for name, value in made.state_dict().items()}


CALLS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "RecurrentEncoder": (
        lambda **k: module(RecurrentEncoder, cell="gru", **k),
        {
            "input_size": 2,
            "hidden_size": 4,
            "num_layers": 2,
            "bidirectional": True,
            "dropout": 0.5,
            "bias": False,
        },
    ),
    "ConvolutionalStem": (
        lambda **k: module(ConvolutionalStem, **k),
        {"input_size": 2, "channels": 4, "kernel_size": 3, "strides": (2, 1)},
    ),
    "ConvolutionalStem of several widths": (
        lambda **k: module(ConvolutionalStem, **k),
        {"input_size": 2, "channels": [4, 3], "strides": [2, 1]},
    ),
    "LinearHead": (lambda **k: module(LinearHead, **k), {"input_size": 3, "n_classes": 2, "dropout": 0.5}),
    "MLPHead": (
        lambda **k: module(MLPHead, **k),
        {"input_size": 3, "n_classes": 2, "hidden_size": 4, "dropout": 0.5},
    ),
    "AttentionPooling": (lambda **k: module(AttentionPooling, **k), {"input_size": 3, "attention_size": 4}),
    "LastState": (lambda **k: LastState(**k)(X).tolist(), {"bidirectional": True}),
    "CrossEntropyLoss": (CrossEntropyLoss, {"label_smoothing": 0.5, "class_weight": (1.0, 2.0)}),
    "FocalLoss": (FocalLoss, {"gamma": 1.5, "label_smoothing": 0.5, "class_weight": (1.0, 2.0)}),
    "LogitAdjustedLoss": (LogitAdjustedLoss, {"class_prior": (1.0, 2.0), "tau": 0.5}),
    "TrainingConfig": (
        TrainingConfig,
        {
            "max_epochs": 3,
            "lr": 0.5,
            "weight_decay": 0.5,
            "gradient_clip": 0.5,
            "early_stopping": True,
            "tol": 0.5,
        },
    ),
    "ShuffleSampler": (
        lambda **k: [b.tolist() for b in ShuffleSampler(**k, generator=seeded())],
        {"n_samples": 9, "batch_size": 4, "rank": 1, "num_replicas": 2},
    ),
    "BalancedSampler": (
        lambda **k: [b.tolist() for b in BalancedSampler(Y, **k, generator=seeded())],
        {"batch_size": 4, "strength": 0.5},
    ),
    "StratifiedBatchSampler": (
        lambda **k: [b.tolist() for b in StratifiedBatchSampler(Y, **k, generator=seeded())],
        {"batch_size": 4},
    ),
    "LengthBucketSampler": (
        lambda **k: (
            LengthBucketSampler(
                ShuffleSampler(48, batch_size=4, generator=seeded()), DATA.lengths, **k
            ).pool_size
        ),
        {"pool_size": 3},
    ),
    "class_weights": (lambda **k: class_weights(Y, scheme="effective_number", **k), {"beta": 0.5}),
    "Jitter": (tf.Jitter, {"scale": 0.5}),
    "Scale": (tf.Scale, {"scale": 0.5}),
    "BaselineWander": (tf.BaselineWander, {"scale": 0.5, "period": (2.0, 4.0)}),
    "Crop": (tf.Crop, {"strength": 0.5}),
    "Shift": (tf.Shift, {"max_steps": 3}),
    "MagnitudeWarp": (tf.MagnitudeWarp, {"scale": 0.5, "knots": 3}),
    "TimeWarp": (tf.TimeWarp, {"strength": 0.5, "knots": 3}),
    "Dropout": (tf.Dropout, {"rate": 0.5, "value": 2.0}),
    "RandomApply": (lambda **k: tf.RandomApply(tf.Jitter(), **k), {"probability": 0.5}),
    "RandomApply by class": (lambda **k: tf.RandomApply(tf.Jitter(), **k), {"probability": {"a": 0.5}}),
    "Uniform": (Uniform, {"low": 0.0, "high": 1.0}),
    "LogUniform": (LogUniform, {"low": 0.5, "high": 1.0}),
    "IntRange": (IntRange, {"low": 2, "high": 8, "step": 1, "log": True}),
    "make_heartbeats": (
        lambda **k: make_heartbeats(**k, random_state=0)[1].tolist(),
        {"n_samples": 10, "return_X_y": True},
    ),
    "calibration_error": (
        lambda **k: calibration_error([0, 1], [[0.9, 0.1], [0.9, 0.1]], **k),
        {"n_bins": 5, "per_class": True},
    ),
    "audit_padding": (
        lambda **k: str(audit_padding(lambda table: table.mean(axis=1), DATA.padded(), **k)),
        {"padding_value": 0.0, "tolerance": 1e-3, "max_sequences": 9, "random_state": 3},
    ),
    "as_sequences": (lambda **k: as_sequences(DATA.padded(), **k).values.tolist(), {"padding_value": 0.0}),
}


@pytest.mark.parametrize("name", CALLS)
def test_numpy_scalars_give_the_same_result(name: str) -> None:
    call, options = CALLS[name]
    expected, result = call(**options), call(**numpy_of(options))
    assert result == expected
    if is_dataclass(result):
        for field in fields(result):
            assert type(getattr(result, field.name)) is type(getattr(expected, field.name)), field.name


BOOLEANS: list[tuple[Callable[..., Any], list[str]]] = [
    (
        lambda **k: small(max_epochs=1, **k).fit(X, Y),
        [
            "bidirectional",
            "residual",
            "layer_norm",
            "early_stopping",
            "prior_correction",
            "warm_start",
            "verbose",
        ],
    ),
    (
        lambda **k: small(max_epochs=1, **k).partial_fit(X, Y),
        [
            "bidirectional",
            "residual",
            "layer_norm",
            "early_stopping",
            "prior_correction",
            "warm_start",
            "verbose",
        ],
    ),
    (lambda **k: small(max_epochs=1).fit(X, Y).set_params(**k).predict(X), ["prior_correction"]),
    (lambda **k: sweep(small(), {"lr": 0.1}, X, Y, n_trials=1, **k), ["refit", "verbose"]),
    (lambda **k: RecurrentEncoder("gru", 2, 4, **k), ["bidirectional", "residual", "layer_norm", "bias"]),
    (lambda **k: LastState(**k), ["bidirectional"]),
    (lambda **k: TrainingConfig(**k), ["early_stopping"]),
    (lambda **k: IntRange(1, 4, **k), ["log"]),
    (lambda **k: calibration_error([0, 1], [[0.9, 0.1], [0.9, 0.1]], **k), ["per_class"]),
    (lambda **k: make_heartbeats(5, **k), ["return_X_y"]),
    (lambda **k: read_heartbeat_csv("beats.csv", **k), ["return_X_y"]),
    (lambda **k: load_mitbih("folder", **k), ["drop_last_beat", "download", "return_X_y"]),
    (lambda **k: recurrence(X.values, X.offsets, [], cell="gru", **k), ["bidirectional"]),
]


@pytest.mark.parametrize("value", ["false", "no", 3, None, 1.0])
@pytest.mark.parametrize(("call", "name"), [(call, name) for call, names in BOOLEANS for name in names])
def test_what_is_not_a_boolean_is_rejected(call: Callable[..., Any], name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"`{name}` must be True or False; got {value!r}"):
        call(**{name: value})
