"""The steps that a torch module pools are found by their gradient."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from audit import models
from seqclf.audit import audit_padding

from .conftest import Table


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


def test_without_gradients_no_steps_are_named(beats: Table) -> None:
    model = models.WithLengths(models.final_state)
    assert audit_padding(model.requires_grad_(False), *beats).pooled_steps == {}
