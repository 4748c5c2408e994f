"""Parameters that are "auto" get values that suit the training samples."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from torch import nn

from ramps import ramps
from seqclf import GRUClassifier, RecurrentClassifier, RNNClassifier, SequenceClassifier, as_sequences
from seqclf.estimators._automatic import DataSize
from seqclf.nn import ConvolutionalStem, LinearHead, MaxPooling, RecurrentEncoder, SequenceNetwork

DATA = ramps()
SHORT = DATA.sequences
LONG = as_sequences([np.linspace(0.0, label, 70) + 0.1 for label in DATA.y])


@pytest.mark.parametrize(
    ("n_samples", "batch_size", "max_epochs", "dropout"),
    [
        (50, 16, 150, 0.2),
        (500, 16, 50, 0.2),
        (1500, 64, 33, 0.2),
        (4095, 128, 19, 0.2),
        (4096, 128, 19, 0.0),
        (90_000, 128, 12, 0.0),
    ],
)
def test_values_by_the_number_of_samples(
    n_samples: int, batch_size: int, max_epochs: int, dropout: float
) -> None:
    size = DataSize(n_samples=n_samples, median_length=10.0)
    assert (size.batch_size, size.max_epochs(size.batch_size), size.dropout) == (
        batch_size,
        max_epochs,
        dropout,
    )


@pytest.mark.parametrize(("batch_size", "expected"), [(16, 50), (100, 60), (1000, 600)])
def test_epochs_take_600_steps_of_the_given_batch_size(batch_size: int, expected: int) -> None:
    assert DataSize(n_samples=1000, median_length=10.0).max_epochs(batch_size) == expected


@pytest.mark.parametrize(
    ("median_length", "n_samples", "scale", "stem", "augmentation", "lr"),
    [
        (63.0, 100, "standard", None, None, 0.004),
        (64.0, 100, "views", "conv", "distort", 0.002),
        (64.0, 4096, "views", "conv", None, 0.004),
    ],
)
def test_values_by_the_median_length(
    median_length: float, n_samples: int, scale: str, stem: str | None, augmentation: str | None, lr: float
) -> None:
    size = DataSize(n_samples=n_samples, median_length=median_length)
    assert (size.scale, size.stem, size.augmentation, size.lr) == (scale, stem, augmentation, lr)


def test_the_median_length_is_that_of_the_training_samples() -> None:
    assert DataSize.of(as_sequences([[0.0]] * 3 + [[0.0] * 90] * 4)) == DataSize(
        n_samples=7, median_length=90.0
    )


def test_sequences_with_tokens_are_treated_as_short_ones() -> None:
    size = DataSize.of(as_sequences(["ab" * 50] * 3, vocabulary="auto"))
    assert size == DataSize(n_samples=3, median_length=100.0, has_tokens=True)
    assert (size.scale, size.stem, size.augmentation, size.lr) == ("standard", None, None, 0.004)


def test_the_chosen_values_are_shown_and_used() -> None:
    model = GRUClassifier(hidden_size=4, num_layers=2, max_epochs=1, random_state=0).fit(LONG, DATA.y)
    assert model.auto_parameters_ == {
        "batch_size": 16,
        "lr": 0.002,
        "augmentation": "distort",
        "scale": "views",
        "stem": "conv",
        "dropout": 0.2,
    }
    network = model.module_
    assert isinstance(network, SequenceNetwork)
    assert isinstance(network.stem, ConvolutionalStem)
    assert network.stem.input_size == 3
    assert isinstance(network.encoder, RecurrentEncoder)
    assert network.encoder.dropout.p == 0.2
    assert model.history_["lr"][0] == pytest.approx(model.auto_parameters_["lr"], rel=0.3)
    assert model.get_params()["batch_size"] == "auto"


def test_given_values_are_kept() -> None:
    given: dict[str, Any] = {
        "batch_size": 7,
        "max_epochs": 2,
        "lr": 0.01,
        "augmentation": None,
        "scale": None,
        "stem": None,
        "dropout": 0.0,
    }
    model = GRUClassifier(hidden_size=4, random_state=0, **given).fit(LONG, DATA.y)
    assert model.auto_parameters_ == {}
    assert isinstance(model.module_, SequenceNetwork)
    assert model.module_.stem is None
    assert model.n_epochs_ == 2


def test_features_that_are_not_scaled_are_not_distorted() -> None:
    model = GRUClassifier(hidden_size=4, max_epochs=1, scale=None, random_state=0).fit(LONG, DATA.y)
    assert model.auto_parameters_["augmentation"] is None


def convolutional(spec: Any, generator: Any) -> nn.Module:
    stem = ConvolutionalStem(spec.n_features, 4, generator=generator)
    return SequenceNetwork(stem, MaxPooling(), LinearHead(4, spec.n_classes, generator=generator))


def test_custom_components_read_standardised_features() -> None:
    custom = SequenceClassifier(network=convolutional, max_epochs=1, random_state=0).fit(LONG, DATA.y)
    assert isinstance(custom.module_, SequenceNetwork)
    assert isinstance(custom.module_.encoder, ConvolutionalStem)
    assert custom.module_.encoder.input_size == 1
    given: tuple[dict[str, Any], ...] = (
        {"stem": ConvolutionalStem(1, 4)},
        {"encoder": ConvolutionalStem(1, 4)},
    )
    for options in given:
        model = RecurrentClassifier(max_epochs=1, random_state=0, **options).fit(LONG, DATA.y)
        assert model.auto_parameters_["scale"] == "standard"
        assert model.auto_parameters_["augmentation"] is None
    assert "dropout" not in model.auto_parameters_  # it has no effect on a custom encoder


def test_a_resumed_training_keeps_the_values_of_the_first_samples() -> None:
    few, many = ramps(48), ramps(1600, seed=1)
    model = RNNClassifier(hidden_size=4, num_layers=1, random_state=0)
    model.partial_fit(few.sequences, few.y).partial_fit(many.sequences, many.y)
    assert model.auto_parameters_["batch_size"] == 16
    model.set_params(warm_start=True, max_epochs=1).fit(many.sequences, many.y)
    assert model.auto_parameters_["batch_size"] == 16
    model.set_params(warm_start=False).fit(many.sequences, many.y)
    assert model.auto_parameters_["batch_size"] == 64


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"batch_size": "large"}, ValueError, "`batch_size` must be an integer or 'auto'; got 'large'"),
        ({"max_epochs": "many"}, ValueError, "`max_epochs` must be an integer or 'auto'; got 'many'"),
        ({"lr": "high"}, ValueError, "`lr` must be a number or 'auto'; got 'high'"),
        ({"dropout": "some"}, ValueError, "`dropout` must be a number in [0, 1) or 'auto'; got 'some'"),
        ({"stem": "deep"}, ValueError, "`stem` must be one of ['conv']"),
        ({"scale": "level"}, ValueError, "`scale` must be one of ['views', 'standard', 'sequence']"),
        ({"augmentation": "all"}, ValueError, "`augmentation` must be one of ['baseline_wander', "),
    ],
)
def test_other_names_raise(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        GRUClassifier(hidden_size=4, **options).fit(SHORT, DATA.y)
