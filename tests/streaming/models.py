"""Small fitted models of every kind that streams, and the sequences that they were fitted to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from sklearn.pipeline import make_pipeline

from seqclf import (
    Differences,
    GRUClassifier,
    MinMax,
    RecurrentClassifier,
    ZScore,
    as_sequences,
)
from seqclf.nn import ConvolutionalStem
from seqclf.transforms import Downsample, FillMissing, TimeDeltas, Views

LETTERS = "abcd"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A model and what it reads."""

    parameters: dict[str, Any]
    before: tuple[Any, ...] = ()  # transformers of a pipeline
    missing: bool = False  # whether values may be NaN
    exact: bool = True  # bitwise on the native engine
    static: bool = False
    times: bool = False  # whether feature 0 holds times


def small_stem(spec: Any, generator: Any) -> ConvolutionalStem:
    return ConvolutionalStem(spec.n_features, (5, 4), kernel_size=3, strides=(2, 1), generator=generator)


def wide_stem(spec: Any, generator: Any) -> ConvolutionalStem:
    """Return a stem whose windows leave steps out."""
    return ConvolutionalStem(spec.n_features, (4,), kernel_size=3, strides=(5,), generator=generator)


def long_stem(spec: Any, generator: Any) -> ConvolutionalStem:
    return ConvolutionalStem(spec.n_features, (4, 3), kernel_size=7, strides=(1, 2), generator=generator)


def pointwise_stem(spec: Any, generator: Any) -> ConvolutionalStem:
    return ConvolutionalStem(spec.n_features, (4,), kernel_size=1, strides=(2,), generator=generator)


KINDS = {
    "default": Kind(parameters={}),
    "tanh": Kind(parameters={"cell": "rnn", "num_layers": 1, "pooling": "mean"}),
    "relu": Kind(parameters={"cell": "rnn", "nonlinearity": "relu", "pooling": "max"}),
    "lstm": Kind(parameters={"cell": "lstm", "pooling": "last", "scale": MinMax(feature_range=(-1, 2))}),
    "attention": Kind(parameters={"pooling": ("attention", "last")}, exact=False),
    "deep": Kind(parameters={"num_layers": 3, "residual": True, "layer_norm": True, "head": "mlp"}),
    "deep lstm": Kind(parameters={"cell": "lstm", "num_layers": 2, "layer_norm": True}),
    "stem": Kind(parameters={"stem": small_stem}),
    "wide stem": Kind(parameters={"stem": wide_stem, "pooling": "mean"}),
    "long stem": Kind(parameters={"stem": long_stem, "cell": "lstm"}),
    "pointwise stem": Kind(parameters={"stem": pointwise_stem}),
    "default stem": Kind(parameters={"stem": "conv"}),
    "stem and attention": Kind(parameters={"stem": small_stem, "pooling": "attention"}, exact=False),
    "unscaled": Kind(parameters={"scale": None}),
    "differences": Kind(parameters={"scale": make_pipeline(Differences(), ZScore())}),
    "only differences": Kind(parameters={"scale": make_pipeline(ZScore(), Differences(append=False))}),
    "views": Kind(parameters={"scale": Views(views=("level", "level_difference"))}),
    "indicator": Kind(parameters={"missing": "indicator"}, missing=True),
    "indicator, views": Kind(
        parameters={"missing": "indicator", "scale": Views(views=("level_difference", "level"))}, missing=True
    ),
    "indicator, unscaled": Kind(parameters={"missing": "indicator", "scale": None}, missing=True),
    "indicator, differences": Kind(
        parameters={"missing": "indicator", "scale": make_pipeline(ZScore(), Differences())}, missing=True
    ),
    "indicator with times": Kind(parameters={"missing": FillMissing(times=0)}, missing=True, times=True),
    "downsampled": Kind(parameters={"scale": make_pipeline(Downsample(factor=3), ZScore())}),
    "downsampled, stem": Kind(
        parameters={"stem": small_stem}, before=(Downsample(factor=2, aggregation="last"), Differences())
    ),
    "times": Kind(parameters={}, before=(TimeDeltas(log=True),), times=True),
    "kept times": Kind(parameters={"scale": make_pipeline(TimeDeltas(keep=True), ZScore())}, times=True),
    "pipeline": Kind(
        parameters={"scale": None}, before=(ZScore(missing="keep"), FillMissing(), MinMax()), missing=True
    ),
    "static": Kind(parameters={"static": "both", "stem": small_stem}, static=True),
    "static in a pipeline": Kind(parameters={}, before=(MinMax(), Differences()), static=True),
    "prior": Kind(parameters={"class_weight": "balanced", "prior_correction": True}),
}


def draw_steps(kind: Kind, n_steps: int, rng: np.random.Generator, after: float = 0.0) -> Any:
    """Return steps of two features, (n_steps, 2), float64, whose times begin at `after`."""
    steps = rng.normal(3.0, 2.0, size=(n_steps, 2))
    if kind.missing:
        steps[rng.random(steps.shape) < 0.3] = np.nan
    if kind.times:
        steps[:, 0] = after + rng.integers(0, 4, size=n_steps).cumsum()
    return steps


@cache
def fitted(name: str, engine: str = "auto") -> tuple[Any, list[Any]]:
    """Return a fitted estimator and the fitted transformers before it."""
    kind, rng = KINDS[name], np.random.default_rng(0)
    X = [draw_steps(kind, n, rng) for n in rng.integers(1, 20, size=18)]
    sequences: Any = as_sequences(X, dtype=None, missing="keep")
    if kind.static:
        sequences = sequences.with_static(rng.normal(5, 3, size=(18, 2)))
    transformers = []
    for transformer in kind.before:
        sequences = transformer.fit_transform(sequences)
        transformers.append(transformer)
    options: dict[str, Any] = {
        "hidden_size": 5,
        "max_epochs": 1,
        "random_state": 0,
        "engine": engine,
    } | kind.parameters
    model = RecurrentClassifier(**options).fit(sequences, ["a", "b", "b"] * 6)
    return model, transformers


def whole(name: str, engine: str, X: list[Any], static: Any = None) -> Any:
    """Return the probabilities of whole sequences."""
    model, transformers = fitted(name, engine)
    sequences: Any = as_sequences(X, dtype=None, missing="keep")
    if static is not None:
        sequences = sequences.with_static(static)
    for transformer in transformers:
        sequences = transformer.transform(sequences)
    return model.predict_proba(sequences)


def simple(**parameters: Any) -> GRUClassifier:
    """Return a fitted model of one feature."""
    options: dict[str, Any] = {"hidden_size": 4, "max_epochs": 1, "random_state": 0} | parameters
    X = [[0.1, 0.9], [0.2, 0.8, 0.9], [0.9, 0.1, 0.2], [0.8, 0.2]] * 4
    return GRUClassifier(**options).fit(X, ["up", "up", "down", "down"] * 4)
