"""What a network and a loss must return; errors name the likely cause."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ramps import ramps, small
from seqclf import SequenceClassifier, Sequences, as_sequences
from seqclf.nn import LinearHead, MeanPooling

DATA = ramps()
X, Y = DATA.sequences, DATA.y


class Net(nn.Module):
    """A mean and a linear head, whose logits are changed."""

    def __init__(self, change: Callable[[Net, Tensor], Any], spec: Any, generator: Any) -> None:
        super().__init__()
        self.change = change
        self.head = LinearHead(spec.n_features, spec.n_classes, generator=generator)
        self.norm = nn.BatchNorm1d(spec.n_classes)

    def forward(self, batch: Sequences) -> Any:
        return self.change(self, self.head(MeanPooling()(batch)))


def classifier(change: Callable[[Any, Tensor], Any], **options: Any) -> SequenceClassifier:
    def network(spec: Any, generator: Any) -> nn.Module:
        return Net(change, spec, generator)

    return SequenceClassifier(
        network=network, **{"max_epochs": 2, "batch_size": 128, "random_state": 0} | options
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda net, logits: (logits, 1),
            "`network` must return logits, a tensor of shape (batch, 2); got tuple.",
        ),
        (
            lambda net, logits: (logits, 1) if net.training else logits,
            "`network` must return a tensor with one row per sequence; Net returned tuple for a batch of 48.",
        ),
        (
            lambda net, logits: logits[:2],
            "`network` must return one row per sequence; Net returned shape (2, 2) for a batch of 48.",
        ),
        (lambda net, logits: logits[:, 0], "`network` must return logits of shape (batch, 2); got (2,)"),
        (
            lambda net, logits: logits.long(),
            "`network` must return logits of a floating-point dtype; got torch.int64.",
        ),
        (
            lambda net, logits: logits.detach(),
            "`loss` must depend on the weights of the network; got a value without",
        ),
    ],
)
def test_what_a_network_must_return(change: Any, message: str) -> None:
    for fit in (classifier(change).fit, classifier(change).partial_fit):
        with pytest.raises((TypeError, ValueError), match=re.escape(message)):
            fit(X, Y)


def test_a_network_must_not_change_its_width() -> None:
    model = classifier(lambda net, logits: torch.cat([logits, logits], dim=1) if len(logits) > 2 else logits)
    message = "`network` must return logits of shape (batch, 2) for any batch; got (48, 4) for 48 sequences."
    with pytest.raises(ValueError, match=re.escape(message)):
        model.fit(X, Y).predict(X)


@pytest.mark.parametrize("network", [lambda spec, generator: nn.Module(), nn.Module()])
def test_a_network_without_forward_is_named(network: Any) -> None:
    message = "`network` must accept `Sequences` as its input; Module raised NotImplementedError"
    with pytest.raises(TypeError, match=re.escape(message)):
        SequenceClassifier(network=network).fit(X, Y)


def test_a_network_without_parameters_is_named() -> None:
    with pytest.raises(
        ValueError, match=r"A network must have parameters to train; got none in MeanPooling\."
    ):
        SequenceClassifier(network=MeanPooling()).fit(X, Y)


@pytest.mark.parametrize("n", [31, 33, 48])
def test_batch_normalisation_trains_whatever_the_last_batch(n: int) -> None:
    """31 and 33 samples would leave a last batch of one."""
    model = classifier(lambda net, logits: net.norm(logits), batch_size=2 if n == 31 else 32)
    assert np.isfinite(model.fit(X[:n], Y[:n]).predict_proba(X[:1])).all()


@pytest.mark.parametrize("n", [1, 48])
def test_a_batch_of_one_that_a_network_refuses_is_named(n: int) -> None:
    model = classifier(lambda net, logits: net.norm(logits), batch_size=1)
    message = (
        r"`network` must accept a training batch of one sequence; Net raised ValueError: Expected more than 1 value.*\. "
        r"Batch normalisation needs at least two: use a larger `batch_size` or more samples, or layer normalisation\."
    )
    with pytest.raises(ValueError, match=message):
        model.partial_fit(X[:n], Y[:n], classes=[0, 1])


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (
            lambda logits, target, weight: 3.0,
            "`loss` must return a scalar tensor; got float. Return the mean over",
        ),
        (nn.CrossEntropyLoss(reduction="none"), "`loss` must return a scalar tensor; got shape (48,)."),
        (
            nn.BCEWithLogitsLoss(),
            "`loss` must take logits of shape (batch, n_classes) and class indices of shape (batch,), as "
            "`torch.nn.CrossEntropyLoss` does; BCEWithLogitsLoss raised ValueError: Target size",
        ),
    ],
)
def test_what_a_loss_must_return(loss: Any, message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        small(loss=loss).fit(X, Y)


@pytest.mark.parametrize("engine", ["auto", "packed", "native"])
@pytest.mark.parametrize("convert", ["double", "half", "bfloat16"])
def test_weights_of_another_dtype_are_named(engine: Any, convert: str) -> None:
    model = small(max_epochs=1, engine=engine).partial_fit(X, Y)
    expected = model.predict_proba(X)
    getattr(model.module_, convert)()
    for call in (model.predict_proba, model.predict, model.transform, lambda X: model.partial_fit(X, Y)):
        with pytest.raises(
            TypeError,
            match=r"The weights of a network must be float32, as `Sequences` are; got .*`module.float\(\)`",
        ):
            call(X)
    model.module_.float()
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=0.1)


def test_no_grad_does_not_stop_training() -> None:
    expected = small().fit(X, Y).partial_fit(X, Y).predict_proba(X)
    with torch.no_grad():
        model = small().fit(X, Y).partial_fit(X, Y)
        np.testing.assert_array_equal(model.predict_proba(X), expected)


def test_inference_mode_is_named() -> None:
    model = small(max_epochs=1).fit(X, Y)
    expected = model.predict_proba(X)
    with torch.inference_mode():
        inside = as_sequences(DATA.arrays)
        np.testing.assert_array_equal(model.predict_proba(DATA.arrays), expected)
        for fit in (small().fit, small().partial_fit, model.fit):
            with pytest.raises(RuntimeError, match=r"must be trained outside `torch.inference_mode\(\)`"):
                fit(DATA.arrays, Y)
    np.testing.assert_array_equal(model.predict_proba(X), expected)
    np.testing.assert_array_equal(small(max_epochs=1).fit(inside, Y).predict_proba(X), expected)
