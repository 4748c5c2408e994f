"""Weighted cross-entropy, by hand."""

from __future__ import annotations

import math

import pytest
import torch

from seqclf.nn import CrossEntropyLoss

LOGITS = torch.tensor([[0.0, 0.0], [math.log(3.0), 0.0], [0.0, 5.0]])
TARGET = torch.tensor([0, 1, 1])
LOSSES = [math.log(2.0), math.log(4.0), math.log(1 + math.exp(-5.0))]


def loss(*weights: float) -> float:
    return CrossEntropyLoss()(LOGITS, TARGET, torch.tensor(weights)).item()


def test_the_mean_by_hand() -> None:
    assert CrossEntropyLoss()(LOGITS, TARGET).item() == pytest.approx(sum(LOSSES) / 3)
    assert loss(1, 1, 1) == pytest.approx(sum(LOSSES) / 3)


def test_weights_by_hand() -> None:
    assert loss(1, 3, 0) == pytest.approx((LOSSES[0] + 3 * LOSSES[1]) / 4)


def test_a_weight_of_2_counts_as_the_sample_twice() -> None:
    twice = torch.tensor([0, 1, 1, 2])
    assert loss(1, 2, 1) == pytest.approx(CrossEntropyLoss()(LOGITS[twice], TARGET[twice]).item())


def test_the_scale_of_weights_does_not_matter() -> None:
    assert loss(0.1, 0.2, 0.3) == pytest.approx(loss(100, 200, 300))


def test_weights_of_0_make_a_loss_of_0_with_a_gradient_of_0() -> None:
    logits = LOGITS.clone().requires_grad_()
    value = CrossEntropyLoss()(logits, TARGET, torch.zeros(3))
    value.backward()  # type: ignore[no-untyped-call]
    assert value.item() == 0.0
    assert logits.grad is not None
    assert not logits.grad.any()
