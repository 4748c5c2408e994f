"""Exported networks give the probabilities of the model, whatever they consist of."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from torch import nn
from torch.nn.utils import parametrize, prune
from torch.nn.utils.parametrizations import spectral_norm

from export.covering import covering, pairs_of
from export.scoring import Session, assert_agrees, beats, shaken, training_set
from networks import convolutional, stack
from seqclf import (
    Differences,
    GRUClassifier,
    MinMax,
    RecurrentClassifier,
    SequenceClassifier,
    SequenceEnsemble,
    Sequences,
    ZScore,
    as_sequences,
)
from seqclf.nn import ConvolutionalStem, LinearHead, MeanPooling, RecurrentEncoder, SequenceNetwork


def small_stem(spec: Any, generator: Any) -> nn.Module:
    return ConvolutionalStem(spec.n_features, (6, 8), kernel_size=5, strides=(2, 1), generator=generator)


OPTIONS: dict[str, list[Any]] = {
    "scale": [
        None,
        "standard",
        "sequence",
        "views",
        MinMax(),
        MinMax(per="sequence", feature_range=(-1, 2)),
        make_pipeline(ZScore(per="sequence"), Differences()),
    ],
    "pooling": ["last", "mean", "max", "attention", ("last", "mean", "max")],
    "cell": ["rnn", "gru", "lstm"],
    "bidirectional": [False, True],
    "stem": [None, small_stem],
    "layer_norm": [False, True],
    "residual": [False, True],
    "head": ["linear", "mlp"],
    "fixed_length": [None, 40],
}
"""Padding to a fixed length takes other operators, so it is one of the options."""


def check(options: dict[str, Any], folder: Path) -> float:
    """Compare an exported model with its original for other batches and lengths than those of `fit`; return the largest error."""
    options = dict(options)
    length = options.pop("fixed_length")
    offset = 0.0 if options["scale"] is None else 1e6
    samples, labels = training_set(offset)
    model = RecurrentClassifier(
        hidden_size=8, num_layers=2, max_epochs=1, batch_size=24, random_state=0, **options
    )
    model = shaken(model.fit(samples, labels))
    session = Session(model, folder, fixed_length=length)
    error = 0.0
    for lengths in ([40, 1, 2, 13, 7, 1, 39], [3], [1, 1]):
        others = beats(*lengths, seed=len(lengths), offset=offset)
        scored = session.score(others) if length is None else session.score_padded(others, length)
        assert_agrees(scored, model, others)
        error = max(error, float(np.abs(scored.probabilities - model.predict_proba(others)).max()))
    return error


def name_of(options: dict[str, Any]) -> str:
    return "-".join(str(OPTIONS[name].index(value)) for name, value in options.items())


@pytest.mark.filterwarnings("ignore:Feature .* has a root mean square of")
@pytest.mark.parametrize("options", [pytest.param(one, id=name_of(one)) for one in covering(OPTIONS)])
def test_each_pair_of_options_agrees(options: dict[str, Any], tmp_path: Path) -> None:
    check(options, tmp_path)


def test_the_covering_holds_each_pair() -> None:
    small = {"a": [0, 1, 2], "b": [0, 1], "c": [0, 1]}
    chosen = covering(small)
    seen = set().union(*map(pairs_of, chosen))
    assert seen == set().union(
        *(pairs_of(dict(zip(small, one, strict=True))) for one in product(*small.values()))
    )
    assert len(chosen) < 12


def fitted(**parameters: Any) -> Any:
    model = RecurrentClassifier(**{"hidden_size": 4, "max_epochs": 1, "random_state": 0} | parameters)
    return shaken(model.fit(*training_set()))


def without_bias(spec: Any, generator: Any) -> nn.Module:
    encoder = RecurrentEncoder("gru", spec.n_features, 4, bidirectional=True, bias=False, generator=generator)
    return SequenceNetwork(encoder, MeanPooling(), nn.Linear(8, spec.n_classes, bias=False))


def plain_head(spec: Any, generator: Any) -> nn.Module:
    layers = (
        nn.Linear(spec.n_features, 5),
        nn.LayerNorm(5),
        nn.Tanh(),
        nn.Dropout(0.5),
        nn.ReLU(),
        nn.Identity(),
    )
    return nn.Sequential(*layers, LinearHead(5, spec.n_classes))


NETWORKS: dict[str, Any] = {
    "rectifier": lambda: fitted(cell="rnn", nonlinearity="relu", bidirectional=True),
    "deep": lambda: fitted(num_layers=4, residual=True, layer_norm=True),
    "one layer": lambda: fitted(num_layers=1, dropout=0.0),
    "default stem": lambda: fitted(stem="conv"),
    "head of torch's modules": lambda: fitted(head=plain_head),
    "no bias": lambda: shaken(SequenceClassifier(network=without_bias, max_epochs=1).fit(*training_set())),
    "stack of encoders": lambda: shaken(SequenceClassifier(network=stack, max_epochs=1).fit(*training_set())),
    "no recurrence": lambda: shaken(
        SequenceClassifier(network=convolutional, max_epochs=1).fit(*training_set())
    ),
}


@pytest.mark.parametrize("fixed_length", [None, 25])
@pytest.mark.parametrize("name", NETWORKS)
def test_other_networks_agree(name: str, fixed_length: int | None, tmp_path: Path) -> None:
    model, samples = NETWORKS[name](), beats(25, 1, 9)
    session = Session(model, tmp_path, fixed_length=fixed_length)
    scored = session.score(samples) if fixed_length is None else session.score_padded(samples, fixed_length)
    assert_agrees(scored, model, samples)


@pytest.mark.parametrize("static", ["head", "steps", "both"])
@pytest.mark.parametrize("stem", [None, "conv"])
def test_static_features_agree(static: Any, stem: Any, tmp_path: Path) -> None:
    samples, labels = training_set()

    def with_static(samples: list[Any], seed: int) -> Sequences:
        rows = np.random.default_rng(seed).normal(50, 20, (len(samples), 3)).astype(np.float32)
        return as_sequences(samples).with_static(rows)

    model = RecurrentClassifier(hidden_size=4, static=static, stem=stem, scale="sequence", max_epochs=1)
    model = shaken(model.fit(with_static(samples, 0), labels))
    others = with_static(beats(9, 1, 14), 1)
    assert_agrees(Session(model, tmp_path).score(others), model, others)


def test_a_prior_correction_is_part_of_the_graph(tmp_path: Path) -> None:
    samples, labels = training_set()
    labels = np.where(np.arange(24) < 20, "often", "seldom")
    model = RecurrentClassifier(
        hidden_size=4, sampler="balanced", prior_correction=True, max_epochs=2, random_state=0
    )
    model = shaken(model.fit(samples, labels))
    others = beats(9, 1, 14)
    scored = Session(model, tmp_path).score(others)
    assert_agrees(scored, model, others)
    uncorrected = model.set_params(prior_correction=False).predict_proba(others)
    assert np.abs(scored.probabilities - uncorrected).max() > 0.01


def test_an_ensemble_agrees(tmp_path: Path) -> None:
    members = [
        GRUClassifier(hidden_size=4, max_epochs=1),
        GRUClassifier(hidden_size=4, max_epochs=1, scale="views"),
    ]
    model = SequenceEnsemble(estimators=members, n_members=3, n_jobs=1, random_state=0)
    model = shaken(model.fit(*training_set(1e6)))
    others = beats(9, 1, 14, offset=1e6)
    assert_agrees(Session(model, tmp_path).score(others), model, others)


def test_weights_that_torch_computes_from_others_are_up_to_date(tmp_path: Path) -> None:
    model = fitted(bidirectional=True, engine="packed")
    prune.l1_unstructured(model.module_.encoder.layers[0], "weight_hh_l0", amount=0.5)  # type: ignore[no-untyped-call]
    spectral_norm(model.module_.head.linear)
    assert parametrize.is_parametrized(model.module_.head.linear)
    shaken(model)  # the pruned weight is now older than the one that it is computed from
    samples = beats(9, 1, 14)
    scored = Session(model, tmp_path).score(samples)
    assert_agrees(scored, model, samples)
