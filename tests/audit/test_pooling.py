"""The steps that a torch module pools are found by their gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from audit import models
from seqclf import Sequences, as_sequences
from seqclf.audit import audit_padding
from seqclf.kernels import status
from seqclf.nn import LastState, LinearHead, MaxPooling, MeanPooling, RecurrentEncoder, SequenceNetwork
from seqclf.sequences import pad

from .conftest import Table

ENGINES: list[dict[str, Any]] = [{"engine": "packed"}, {"engine": "auto"}]
if status().available:
    ENGINES.append({"engine": "native"})
if "bfloat16" in status().precisions:
    ENGINES.append({"precision": "bfloat16"})


def test_only_a_module_reveals_a_backward_direction_pooled_at_its_first_step(beats: Table) -> None:
    model = models.WithLengths(models.both_at_the_last_step, bidirectional=True)
    audit = audit_padding(model, *beats)
    assert audit.pooled_steps == {"forward": "last real step", "backward": "last real step"}
    assert audit.diagnosis == (
        "the backward direction is pooled at the last real step, where it has seen only one step: "
        "pool it at the first step"
    )
    assert all(check.verdict == "holds" for check in audit.checks), "no prediction depends on padding"
    assert audit_padding(models.as_function(model), *beats).passed, "predictions alone do not show it"


@pytest.mark.parametrize(
    ("pool", "forward", "backward"),
    [
        (models.final_state, "last real step", "first step"),
        (models.masked_mean, "all real steps", "all real steps"),
        (models.masked_max, "some real steps", "some real steps"),
    ],
)
def test_pooled_steps_are_named(pool: models.Pool, forward: str, backward: str, beats: Table) -> None:
    audit = audit_padding(models.WithLengths(pool, bidirectional=True), *beats)
    assert audit.pooled_steps == {"forward": forward, "backward": backward}


def forward_half(model: models.Recurrent, x: Tensor, lengths: Tensor) -> Tensor:
    final = models.packed(model, x, lengths)[1]
    return torch.cat([final[:, :8], torch.zeros_like(final[:, 8:])], dim=1)


def test_a_direction_that_is_not_pooled_is_not_a_mistake(beats: Table) -> None:
    audit = audit_padding(models.WithLengths(forward_half, bidirectional=True), *beats)
    assert audit.pooled_steps == {"forward": "last real step", "backward": "none"}
    assert audit.passed


def transposed_last_step(model: models.Recurrent, x: Tensor, lengths: Tensor) -> Tensor:
    states: Tensor = model.rnn(x.transpose(0, 1))[0]
    return states[lengths - 1, torch.arange(len(x))]


def test_a_time_first_layer_with_time_first_data_is_correct() -> None:
    """Even with as many rows as columns, where shapes do not show which axis is which."""
    X = np.random.default_rng(0).normal(size=(15, 15, 1))
    audit = audit_padding(
        models.WithLengths(transposed_last_step, batch_first=False), X, lengths=np.arange(1, 16)
    )
    assert audit.diagnosis is None
    assert audit.pooled_steps == {"forward": "last real step"}


class Mean(nn.Module):
    """A mean over the real steps, without a recurrent layer."""

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return logits of two classes."""
        mean = (x[..., 0] * models.mask(x, lengths)[..., 0]).sum(dim=1) / lengths
        return torch.stack([mean, -mean], dim=1)


def test_without_a_recurrent_layer_no_steps_are_named(beats: Table) -> None:
    audit = audit_padding(Mean(), *beats)
    assert audit.pooled_steps == {}
    assert audit.passed


def test_without_gradients_pooled_steps_are_reported_as_unknown(beats: Table) -> None:
    model = models.WithLengths(models.both_at_the_last_step, bidirectional=True).requires_grad_(False)
    audit = audit_padding(model, *beats)
    assert audit.pooled_steps == {"forward": "unknown", "backward": "unknown"}
    assert "Pooled steps: unknown (forward), unknown (backward)." in str(audit)


def test_unknown_steps_are_no_evidence(beats: Table) -> None:
    """The diagnosis then comes from the predictions, as for a model of any other framework."""
    model = models.WithLengths(models.mean_of_columns)
    known, frozen = audit_padding(model, *beats), audit_padding(model.requires_grad_(False), *beats)
    assert frozen.pooled_steps == {"forward": "unknown"}
    assert frozen.diagnosis == known.diagnosis


class AtTheLastStep(nn.Module):
    """A mistake: both directions at the last real step, where the backward one has seen only one."""

    def forward(self, states: Sequences) -> Tensor:
        """Return summaries."""
        return states.values[states.offsets[1:] - 1]


class WithoutSomeGradients(nn.Module):
    """Reads all steps, but passes a gradient to the last one only."""

    def forward(self, states: Sequences) -> Tensor:
        """Return summaries."""
        mean: Tensor = MeanPooling()(states.with_values(states.values.detach()))
        return states.values[states.offsets[1:] - 1] + mean


class Ragged(nn.Module):
    """A network over `Sequences`, called with a padded table."""

    def __init__(self, pooling: nn.Module, **options: Any) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        encoder = RecurrentEncoder("gru", 1, 8, bidirectional=True, generator=generator, **options)
        self.network = SequenceNetwork(encoder, pooling, LinearHead(16, 5, generator=generator)).eval()
        with torch.no_grad():
            for weight in self.network.head.parameters():
                weight.mul_(3)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return logits."""
        logits: Tensor = self.network(as_sequences(x, lengths=lengths))
        return logits


@pytest.mark.parametrize(
    ("pooling", "forward", "backward"),
    [
        (AtTheLastStep(), "last real step", "last real step"),
        (LastState(bidirectional=True), "last real step", "first step"),
        (MeanPooling(), "all real steps", "all real steps"),
        (MaxPooling(), "some real steps", "some real steps"),
        (WithoutSomeGradients(), "some real steps", "some real steps"),
    ],
)
@pytest.mark.parametrize("options", ENGINES, ids=str)
def test_pooled_steps_of_an_encoder_are_named_with_each_engine(
    options: dict[str, Any], pooling: nn.Module, forward: str, backward: str, beats: Table
) -> None:
    """The compiled kernels refuse to run layers with forward hooks."""
    audit = audit_padding(Ragged(pooling, **options), *beats)
    assert audit.pooled_steps == {"forward": forward, "backward": backward}
    assert audit.passed == (backward != "last real step")


class Chained(nn.Module):
    """A `Sequences` encoder before a layer of torch, whose states are pooled."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = RecurrentEncoder(
            "gru", 1, 4, engine="auto", generator=torch.Generator().manual_seed(0)
        )
        self.second = models.WithLengths(models.final_state, n_features=4)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return logits."""
        states = pad(self.encoder(as_sequences(x, lengths=lengths)))[0]
        logits: Tensor = self.second(states, lengths)
        return logits


def test_the_layer_that_runs_last_counts(beats: Table) -> None:
    assert audit_padding(Chained().eval(), *beats).pooled_steps == {"forward": "last real step"}
