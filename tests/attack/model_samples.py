"""Small models of every sort, as files, and sequences to predict."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.pipeline import make_pipeline

import seqclf
from seqclf import GRUClassifier, LSTMClassifier, RNNClassifier, SequenceEnsemble, as_sequences
from seqclf.evaluation import evaluate
from seqclf.sequences import Sequences
from seqclf.transforms import Differences, MinMax, TokenEncoder, ZScore

_OPTIONS: dict[str, Any] = {"hidden_size": 4, "max_epochs": 1, "random_state": 0, "device": "cpu"}
_Y = np.arange(12) % 3
WORDS = ["abc", "ca", "b"] * 4


def numbers() -> Sequences:
    """Return twelve sequences of two features, and one feature of each sequence."""
    rng = np.random.default_rng(0)
    steps = [rng.normal(size=(3 + i % 4, 2)).astype(np.float32) for i in range(12)]
    return as_sequences(steps, static=np.arange(12.0)[:, None])


def _gru() -> Any:
    labels = np.array(["ant", "bee", "cat"])[_Y]
    pooling = ("last", "attention")
    options: dict[str, Any] = {"stem": "conv", "bidirectional": True, "pooling": pooling, "layer_norm": True}
    return GRUClassifier(**_OPTIONS, **options, scale="views").fit(numbers(), labels)


def _tokens() -> Any:
    names = np.array(["ä", "b"], dtype=object)[_Y % 2]
    return make_pipeline(TokenEncoder(), LSTMClassifier(**_OPTIONS, head="mlp")).fit(WORDS, names)


def _scaled() -> Any:
    plain = as_sequences([one.numpy() for one in numbers()])
    model = RNNClassifier(**_OPTIONS, num_layers=2, loss="focal", early_stopping=False)
    return make_pipeline(ZScore(), Differences(), model).fit(plain, _Y % 2 == 0)


def _ensemble() -> Any:
    members = [GRUClassifier(**_OPTIONS, scale=MinMax()), LSTMClassifier(**_OPTIONS, missing="indicator")]
    ensemble = SequenceEnsemble(estimators=members, n_members=2, n_jobs=1, random_state=0)
    return ensemble.fit(numbers(), _Y.astype(np.float32) * 2)


def _trained() -> Any:
    model = GRUClassifier(**_OPTIONS, dropout=0.2, num_layers=2, optimizer="adam", sampler="balanced")
    for _ in range(2):
        model.partial_fit(numbers(), _Y)
    return model


_MODELS: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "gru": (_gru, {}),
    "tokens": (_tokens, {}),
    "scaled": (_scaled, {}),
    "ensemble": (_ensemble, {}),
    "trained": (_trained, {"training_state": True}),
}
NAMES = tuple(_MODELS)


def samples_of(name: str) -> Any:
    """Return what a model reads."""
    if name == "tokens":
        return WORDS
    return as_sequences([one.numpy() for one in numbers()]) if name == "scaled" else numbers()


@cache
def file_of(name: str) -> bytes:
    """Return the file of a model."""
    fit, options = _MODELS[name]
    report = evaluate(["a", "b"], ["a", "a"]) if name == "gru" else None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        seqclf.save(fit(), path, report=report, **options)
        return path.read_bytes()
