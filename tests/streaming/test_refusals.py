"""A model that needs whole sequences is refused, with what to train instead."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.pipeline import make_pipeline
from torch import nn

from networks import NETWORKS
from seqclf import GRUClassifier, MinMax, SequenceClassifier, ZScore, as_sequences
from seqclf.nn import LastState, LinearHead, MaxPooling, RecurrentEncoder, SequenceNetwork
from seqclf.transforms import Downsample, Views
from streaming.models import simple


class OwnStem(nn.Module):
    def forward(self, batch: Any) -> Any:
        return batch


class OwnMax(MaxPooling):
    """A subclass, which may compute something else."""


WHOLE: list[tuple[dict[str, Any], str]] = [
    (
        {"bidirectional": True},
        "a bidirectional encoder, which needs the last step first. Train with `bidirectional=False`",
    ),
    (
        {"scale": "sequence"},
        'ZScore(per="sequence"), which needs statistics of the whole sequence. Train with `scale="standard"`',
    ),
    ({"scale": ZScore(per="sequence")}, 'ZScore(per="sequence")'),
    ({"scale": MinMax(per="sequence")}, 'Train with `scale="standard"`, or `MinMax()`, instead.'),
    (
        {"scale": "views"},
        'Train with `scale="standard"`, or `Views(views=("level", "level_difference"))`, instead.',
    ),
    (
        {"scale": Views(views=("shape_difference",))},
        "mean and deviation of the whole sequence for its shapes",
    ),
    (
        {"scale": make_pipeline(Downsample(max_length=5), ZScore())},
        "Downsample(max_length=5), which needs the length of the whole sequence. Train with `Downsample(factor=...)`",
    ),
    ({"missing": "indicator", "scale": "views"}, "whole sequence for its shapes"),
    ({"pooling": LastState(bidirectional=True)}, "LastState(bidirectional=True)"),
    ({"pooling": ("max", LastState(bidirectional=True))}, "LastState(bidirectional=True)"),
]


@pytest.mark.parametrize(("parameters", "message"), WHOLE)
def test_what_needs_the_whole_sequence_is_named(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        simple(**parameters).stream()
    assert "has chosen" not in str(caught.value)


def test_it_says_that_the_data_have_chosen_the_scaling() -> None:
    rng = np.random.default_rng(0)
    X = [rng.normal(size=80) for _ in range(8)]
    model = GRUClassifier(hidden_size=4, max_epochs=1).fit(X, [0, 1] * 4)
    with pytest.raises(
        ValueError, match=re.escape("(scale=\"auto\" has chosen scale='views' for the training samples.)")
    ):
        model.stream()


def test_a_transformer_before_the_model_is_refused_too() -> None:
    transformer = ZScore(per="sequence", append_statistics=True)
    X = transformer.fit_transform([[0.1, 0.9], [0.9, 0.1]] * 4)
    model = GRUClassifier(hidden_size=4, max_epochs=1).fit(X, [0, 1] * 4)
    with pytest.raises(ValueError, match="statistics of the whole sequence"):
        model.stream(after=transformer)


@pytest.mark.parametrize(
    ("parameters", "name", "protocol"),
    [
        ({"stem": OwnStem()}, "OwnStem", "Stepper"),
        ({"pooling": OwnMax()}, "OwnMax", "PoolingStepper"),
        ({"pooling": ("last", OwnMax())}, "OwnMax", "PoolingStepper"),
    ],
)
def test_custom_components_are_named(parameters: dict[str, Any], name: str, protocol: str) -> None:
    message = f"got a {name} without a method `stepper()`. Use one of `seqclf`, or write that method: it returns a `seqclf.streaming.{protocol}`"
    with pytest.raises(TypeError, match=re.escape(message)):
        simple(**parameters).stream()


def test_a_custom_network_is_named() -> None:
    class Own(SequenceNetwork):
        pass

    def network(spec: Any, generator: Any) -> nn.Module:
        return Own(RecurrentEncoder("gru", 1, 4), MaxPooling(), LinearHead(4, 2))

    X, y = [[0.1, 0.9], [0.9, 0.1]] * 4, [0, 1] * 4
    model = SequenceClassifier(network=network, max_epochs=1).fit(X, y)
    with pytest.raises(
        TypeError, match=re.escape("must be a `seqclf.nn.SequenceNetwork`; got Own. Build it")
    ):
        model.stream()
    with pytest.raises(TypeError, match="got a TransformerEncoder without a method"):
        SequenceClassifier(network=NETWORKS["transformer"], max_epochs=1).fit(X, y).stream()
    with pytest.raises(ValueError, match="a bidirectional encoder"):
        SequenceClassifier(network=NETWORKS["stack"], max_epochs=1).fit(X, y).stream()


@pytest.mark.parametrize("network", ["convolutional", "layers"])
def test_networks_of_known_parts_stream(network: str) -> None:
    def layers(spec: Any, generator: Any) -> nn.Module:
        encoder = nn.Sequential(
            RecurrentEncoder("lstm", spec.n_features, 5, generator=generator),
            RecurrentEncoder("gru", 5, 4, generator=generator),
        )
        return SequenceNetwork(encoder, LastState(), LinearHead(4, spec.n_classes, generator=generator))

    factory = {**NETWORKS, "layers": layers}[network]
    X = [[0.1, 0.9, 0.3], [0.9, 0.1]] * 4
    model = SequenceClassifier(network=factory, max_epochs=1, random_state=0).fit(X, [0, 1] * 4)
    stream = model.stream()
    for value in (0.1, 0.9):
        stream.push(np.array([value]))
    np.testing.assert_allclose(stream.push(np.array([0.3])), model.predict_proba(X[:1]), rtol=0, atol=1e-6)


@pytest.mark.parametrize("part", ["stem", "encoder", "pooling", "network"])
@pytest.mark.parametrize("kind", ["hook", "pre-hook", "forward"])
def test_hooks_that_a_stream_would_not_run_are_refused(part: str, kind: str) -> None:
    model = simple(stem="conv", pooling="mean")
    module = model.module_ if part == "network" else getattr(model.module_, part)
    if kind == "hook":
        module.register_forward_hook(lambda *_: None)
    elif kind == "pre-hook":
        module.register_forward_pre_hook(lambda *_: None)
    else:
        module.forward = type(module).forward.__get__(module)
    with pytest.raises(ValueError, match="must have no forward hooks and no replaced `forward`; got them on"):
        model.stream()


def test_times_that_decrease_between_pushes_are_refused() -> None:
    from seqclf.transforms import FillMissing, TimeDeltas

    X = [[[1.0, 0.3], [2.0, 0.1]], [[5.0, 0.2], [5.0, 0.4], [6.0, 0.1]]] * 4
    for transformer in (TimeDeltas(), FillMissing(times=0)):
        read = transformer.fit_transform(X)
        model = GRUClassifier(hidden_size=4, max_epochs=1).fit(read, [0, 1] * 4)
        stream = model.stream(after=transformer)
        stream.push(np.array([[3.0, 0.1]]))
        kept = [array.tobytes() for array in stream.state().arrays]
        with pytest.raises(
            ValueError, match=re.escape("must not decrease within a stream; got 2.0 after 3.0 in feature 0")
        ):
            stream.push(np.array([[3.0, 0.1], [2.0, 0.1]]))
        with pytest.raises(ValueError, match=r"got 2\.5 after 3\.0"):
            stream.push(np.array([[2.5, 0.1]]))
        assert [array.tobytes() for array in stream.state().arrays] == kept
    with pytest.raises(
        ValueError, match="Every step must have a time; got NaN in step 0 of the pushed steps, feature 0"
    ):
        stream.push([[[np.nan, 1.0]]])


def test_tokens_cannot_be_downsampled() -> None:
    encoded = as_sequences(["abab", "baba"] * 4, vocabulary="auto").with_values(torch.ones(32, 1))
    transformer = Downsample(factor=2, aggregation="first")
    model = GRUClassifier(hidden_size=4, max_epochs=1).fit(transformer.fit_transform(encoded), [0, 1] * 4)
    with pytest.raises(ValueError, match="`Downsample` must read steps without tokens in a stream"):
        model.stream(after=transformer).push(encoded[:1])


class Squared(GRUClassifier):
    """An estimator with probabilities of its own."""

    def predict_proba(self, X: Any, **options: Any) -> Any:
        return super().predict_proba(X, **options) ** 2


def test_probabilities_of_a_subclass_are_not_passed_over() -> None:
    model = Squared(hidden_size=4, max_epochs=1, random_state=0).fit([[1.0, 2.0], [2.0, 1.0]] * 4, [0, 1] * 4)
    with pytest.raises(
        TypeError, match=re.escape("`predict_proba` must do, too; got Squared, which has its own.")
    ):
        model.stream()
