"""Everything public that a model can consist of can be saved, or is listed here as something that cannot."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from torch import nn

import seqclf.nn
import seqclf.sampling
from seqclf import estimators, transforms
from seqclf.estimators import state
from seqclf.persistence._expected_weights import expected_weights
from seqclf.persistence._format_1._parameters import ESTIMATORS, TRANSFORMERS
from seqclf.persistence._format_1._read import KINDS
from seqclf.persistence._writer._modules import ARGUMENTS
from seqclf.persistence._writer._writer import KINDS as WRITTEN
from seqclf.training import EpochRecord

NAMES = {kind.name: cls for cls, kind in WRITTEN.items()}
NO_PARTS = {transforms.Transform, seqclf.nn.NetworkSpec, seqclf.nn.Loss, seqclf.nn.Pooling}
"""Protocols, and what factories are called with."""


def public_classes(package: Any) -> list[type]:
    found = (getattr(package, name) for name in package.__all__)
    return [one for one in found if isinstance(one, type) and one not in NO_PARTS]


@pytest.mark.parametrize("package", [estimators, transforms, seqclf.nn], ids=lambda package: package.__name__)
def test_every_public_class_has_a_name_in_the_file(package: Any) -> None:
    missing = [one.__name__ for one in public_classes(package) if one not in WRITTEN]
    assert not missing, "write and read it in seqclf.persistence"


def test_what_is_written_is_read() -> None:
    assert set(NAMES) == set(KINDS)


def test_every_parameter_is_read() -> None:
    for name, parameters in {**ESTIMATORS, **TRANSFORMERS}.items():
        kind: Any = NAMES[name]
        assert issubclass(kind, BaseEstimator)
        assert sorted(parameters) == sorted(kind._get_param_names()), name
    assert set(KINDS["sklearn.Pipeline"].fields) == set(Pipeline._get_param_names())


def test_every_field_of_a_record_is_read() -> None:
    for name, kind in NAMES.items():
        if is_dataclass(kind) and not issubclass(kind, BaseEstimator) and name not in (
            "history", "scale and fill", "training state",
        ):  # fmt: skip
            read = {*KINDS[name].fields, *KINDS[name].learned}
            assert read == {field.name for field in fields(kind)}, name
    assert set(KINDS["history"].fields) == {field.name for field in fields(EpochRecord)}
    kept_otherwise = {
        "network": "module",
        "architecture": "changed",
        "generator": "training",
        "optimizer": "training",
    }
    expected = {kept_otherwise.get(field.name, field.name) for field in fields(state.FittedModel)}
    assert set(KINDS["fitted model"].fields) == expected | {"frozen", "device", "output"}
    assert {field.name for field in fields(state.ScaleAndFill)} == {
        "transformer",
        "marker",
        "filler",
        "scaler",
        "others",
    }


EXAMPLES: list[nn.Module] = [
    seqclf.nn.RecurrentEncoder(cell, 3, 4, num_layers=2, bidirectional=both, layer_norm=norm, bias=bias)
    for cell in ("rnn", "gru", "lstm")
    for both, norm, bias in ((False, False, True), (True, True, False))
] + [
    seqclf.nn.ConvolutionalStem(3, (4, 5), kernel_size=5, strides=(2, 1)),
    seqclf.nn.TokenEmbedding({"a": 3, "b": 4}, {"a": 2}),
    seqclf.nn.AttentionPooling(3, attention_size=5),
    seqclf.nn.LinearHead(3, 4),
    seqclf.nn.MLPHead(3, 4, hidden_size=5),
    seqclf.nn.Linear(3, 4),
    nn.Linear(3, 4, bias=False),
    nn.Linear(3, 4),
    nn.LayerNorm((3,)),
    nn.LayerNorm(3, elementwise_affine=False),
    nn.LayerNorm(3, bias=False),
]


@pytest.mark.parametrize("module", EXAMPLES, ids=lambda module: type(module).__name__)
def test_the_expected_weights_are_those_that_a_module_has(module: nn.Module) -> None:
    name, arguments = ARGUMENTS[type(module)]
    expected = dict(expected_weights(name, arguments(module)))
    assert expected == {key: tuple(value.shape) for key, value in module.state_dict().items()}


def test_every_module_with_weights_is_among_the_examples() -> None:
    with_weights = {kind for kind, (name, _) in ARGUMENTS.items() if KINDS[name].weights is expected_weights}
    assert {type(module) for module in EXAMPLES} == with_weights
