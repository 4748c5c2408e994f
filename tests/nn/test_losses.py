"""Losses, by hand and against loops."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from seqclf.nn import CrossEntropyLoss, FocalLoss, LogitAdjustedLoss, Loss

LOGITS = torch.tensor([[0.0, 0.0], [math.log(3.0), 0.0], [0.0, 5.0]])
TARGET = torch.tensor([0, 1, 1])
LOSSES = [math.log(2.0), math.log(4.0), math.log(1 + math.exp(-5.0))]
PRIOR = (0.7, 0.2, 0.1)
KINDS = [CrossEntropyLoss, FocalLoss, lambda **options: LogitAdjustedLoss(class_prior=PRIOR, **options)]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=["cross_entropy", "focal", "logit_adjusted"])


def loss(*weights: float) -> float:
    return CrossEntropyLoss()(LOGITS, TARGET, torch.tensor(weights)).item()


def batch(seed: int = 0, n: int = 40) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(n, 3, generator=generator, dtype=torch.float64)
    return logits, torch.randint(3, (n,), generator=generator), torch.rand(n, generator=generator)


def oracle(
    logits: Tensor,
    target: Tensor,
    weight: Tensor,
    *,
    gamma: float,
    tau: float,
    smoothing: float,
    classes: list[float],
) -> float:
    """Compute the loss one sample at a time, in Python floats."""
    total = mass = 0.0
    for row, label, w in zip(logits.tolist(), target.tolist(), weight.tolist(), strict=True):
        adjusted = [value + tau * math.log(share) for value, share in zip(row, PRIOR, strict=True)]
        norm = sum(math.exp(value) for value in adjusted)
        one = 0.0
        for k, value in enumerate(adjusted):
            p = math.exp(value) / norm
            share = (1 - smoothing) * (k == label) + smoothing / len(row)
            one -= share * (1 - p) ** gamma * math.log(p)
        total += one * w * classes[label]
        mass += w * classes[label]
    return total / mass


def test_the_mean_by_hand() -> None:
    assert CrossEntropyLoss()(LOGITS, TARGET).item() == pytest.approx(sum(LOSSES) / 3)
    assert loss(1, 1, 1) == pytest.approx(sum(LOSSES) / 3)


def test_weights_by_hand() -> None:
    assert loss(1, 3, 0) == pytest.approx((LOSSES[0] + 3 * LOSSES[1]) / 4)


def test_class_weights_by_hand() -> None:
    weighted = CrossEntropyLoss(class_weight=[1.0, 2.0])(LOGITS, TARGET).item()
    assert weighted == pytest.approx((LOSSES[0] + 2 * LOSSES[1] + 2 * LOSSES[2]) / 5)


def test_a_focal_loss_by_hand() -> None:
    """Probabilities of the true class 1/2 and 1/4."""
    expected = (0.5**3 * math.log(2) + 0.75**3 * math.log(4)) / 2
    assert FocalLoss(gamma=3.0)(LOGITS[:2], TARGET[:2]).item() == pytest.approx(expected)


def test_a_logit_adjusted_loss_by_hand() -> None:
    """Equal logits and a prior of 3 to 1: the rare class has probability 1/4 in training."""
    adjusted = LogitAdjustedLoss(class_prior=[3, 1])
    assert adjusted(LOGITS[:1], torch.tensor([1])).item() == pytest.approx(math.log(4))


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize(("gamma", "tau"), [(0.0, 0.0), (2.0, 0.0), (0.5, 0.0), (0.0, 1.0), (0.0, 0.5)])
def test_losses_equal_a_loop_over_samples(gamma: float, tau: float, smoothing: float) -> None:
    logits, target, weight = batch()
    classes = [1.0, 2.0, 0.5]
    options: dict[str, Any] = {"label_smoothing": smoothing, "class_weight": classes}
    fast: Loss = (
        LogitAdjustedLoss(class_prior=PRIOR, tau=tau, **options) if tau else FocalLoss(gamma=gamma, **options)
    )
    expected = oracle(logits, target, weight, gamma=gamma, tau=tau, smoothing=smoothing, classes=classes)
    assert fast(logits, target, weight.double()).item() == pytest.approx(expected, rel=1e-6)


def test_neutral_parameters_give_torchs_cross_entropy() -> None:
    logits, target, _ = batch()
    expected = cross_entropy(logits, target).item()
    for kind in (CrossEntropyLoss(), FocalLoss(gamma=0), LogitAdjustedLoss(class_prior=PRIOR, tau=0)):
        assert kind(logits, target).item() == pytest.approx(expected)
    assert CrossEntropyLoss(label_smoothing=0.3)(logits, target).item() == pytest.approx(
        cross_entropy(logits, target, label_smoothing=0.3).item()
    )


@every_kind
def test_a_weight_of_2_counts_the_sample_twice(kind: Any) -> None:
    logits, target, weight = batch(n=5)
    twice = torch.tensor([0, 1, 1, 2, 3, 4])
    doubled = torch.where(torch.arange(5) == 1, 2 * weight, weight)
    made = kind(label_smoothing=0.1, class_weight=[1, 2, 3])
    assert made(logits, target, doubled).item() == pytest.approx(
        made(logits[twice], target[twice], weight[twice]).item()
    )


@every_kind
def test_the_scale_of_weights_does_not_matter(kind: Any) -> None:
    logits, target, weight = batch()
    one, other = (kind(class_weight=[s, 2 * s, s])(logits, target, s * weight).item() for s in (1.0, 7.0))
    assert one == pytest.approx(other)


@every_kind
def test_zero_weights_give_zero_loss_and_gradient(kind: Any) -> None:
    logits, target, _ = batch()
    logits.requires_grad_()
    value = kind()(logits, target, torch.zeros(40))
    value.backward()
    assert value.item() == 0.0
    assert logits.grad is not None
    assert not logits.grad.any()


@every_kind
def test_extreme_logits_have_finite_losses_and_gradients(kind: Any) -> None:
    logits = torch.tensor([[1e4, -1e4, 0.0], [-1e4, 1e4, 0.0], [0.0, 0.0, 0.0]], requires_grad=True)
    value = kind(label_smoothing=0.1)(logits, torch.tensor([0, 0, 2]))
    value.backward()
    assert torch.isfinite(value)
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


@every_kind
def test_gradients_equal_finite_differences(kind: Any) -> None:
    logits, target, weight = batch(n=6)
    made = kind(label_smoothing=0.1, class_weight=[1.0, 2.0, 3.0])
    torch.autograd.gradcheck(lambda values: made(values, target, weight.double()), logits.requires_grad_())


def test_a_focal_loss_with_small_gamma_has_a_finite_gradient_at_probability_1() -> None:
    logits = torch.tensor([[100.0, 0.0]], requires_grad=True)
    FocalLoss(gamma=0.5)(logits, torch.tensor([0])).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize(
    ("error", "message", "make"),
    [
        (
            ValueError,
            "`label_smoothing` must lie in [0, 1); got 1.0. 0 switches it off.",
            lambda: CrossEntropyLoss(label_smoothing=1.0),
        ),
        (
            ValueError,
            "`class_weight[1]` must be finite and not negative; got -1.",
            lambda: FocalLoss(class_weight=[1, -1]),
        ),
        (
            ValueError,
            "`gamma` must be finite and not negative; got -1. 0 is cross-entropy.",
            lambda: FocalLoss(gamma=-1),
        ),
        (
            ValueError,
            "`tau` must be finite and not negative; got -1. 0 is cross-entropy.",
            lambda: LogitAdjustedLoss(class_prior=[1], tau=-1),
        ),
        (
            ValueError,
            "`class_prior[1]` must be positive and finite; got 0. Leave out classes without samples.",
            lambda: LogitAdjustedLoss(class_prior=[1, 0]),
        ),
        (TypeError, "`gamma` must be a number; got 'two'.", lambda: FocalLoss(gamma="two")),  # type: ignore[arg-type]
    ],
)
def test_invalid_options_are_rejected(error: type[Exception], message: str, make: Any) -> None:
    with pytest.raises(error, match=re.escape(message)):
        make()


@pytest.mark.parametrize("make", [np.array, torch.tensor, list, tuple])
@pytest.mark.parametrize("kind", [CrossEntropyLoss, FocalLoss])
def test_class_weights_can_be_any_array(kind: Any, make: Any) -> None:
    logits, target = torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([0, 0])
    expected = kind(class_weight=[1.0, 3.0])(logits, target)
    assert torch.equal(kind(class_weight=make([1.0, 3.0]))(logits, target), expected)


def test_another_number_of_classes_is_rejected() -> None:
    logits, target = torch.zeros(1, 2), torch.tensor([0])
    with pytest.raises(ValueError, match="`class_weight` must have a weight for each of 2 classes; got 3"):
        CrossEntropyLoss(class_weight=[1.0, 2.0, 3.0])(logits, target)
    with pytest.raises(ValueError, match="`class_prior` must have a share for each of 2 classes; got 1"):
        LogitAdjustedLoss(class_prior=[1.0])(logits, target)


@pytest.mark.parametrize("kind", [CrossEntropyLoss, FocalLoss])
@pytest.mark.parametrize("scale", [1e-30, 1e-16, 1e16, 1e30])
def test_extreme_weights_leave_the_loss_as_it_is(kind: Any, scale: float) -> None:
    logits, target, weight = (
        torch.tensor([[0.0, 1.0], [2.0, 0.0]]),
        torch.tensor([0, 1]),
        torch.tensor([1.0, 3.0]),
    )
    assert float(kind()(logits, target, scale * weight)) == pytest.approx(
        float(kind()(logits, target, weight)), rel=1e-5
    )


def test_a_tiny_prior_is_not_rounded_to_zero() -> None:
    logits, target = torch.zeros(1, 2), torch.tensor([0])
    tiny, plain = LogitAdjustedLoss(class_prior=[1e-300, 3e-300]), LogitAdjustedLoss(class_prior=[1.0, 3.0])
    assert float(tiny(logits, target)) == pytest.approx(float(plain(logits, target)), rel=1e-4)


@pytest.mark.parametrize("kind", [CrossEntropyLoss, FocalLoss])
def test_class_weights_of_zeros_are_rejected(kind: Any) -> None:
    with pytest.raises(ValueError, match=r"`class_weight` must have a positive entry; got \[0, 0\]"):
        kind(class_weight=[0, 0])
