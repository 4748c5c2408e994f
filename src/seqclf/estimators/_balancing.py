"""The parameters `sampler` and `loss`, and the rule that at most one of them corrects for imbalance."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor, nn

from seqclf._checks import check_number
from seqclf._components import Seam, accepts, is_function_of
from seqclf.nn import CrossEntropyLoss, FocalLoss, LogitAdjustedLoss, Loss
from seqclf.sampling import (
    BalancedSampler,
    BlockShuffleSampler,
    LengthBucketSampler,
    ShuffleSampler,
    StratifiedBatchSampler,
)
from seqclf.training import IndexBatches, TrainingSpec

SamplerName = Literal["balanced", "stratified", "length_bucket", "block_shuffle"]
SamplerChoice = SamplerName | IndexBatches | Callable[..., IndexBatches] | None
LossName = Literal["cross_entropy", "focal", "logit_adjusted"]
LossChoice = LossName | Loss | nn.Module | Callable[..., Loss]

SAMPLER: Seam[TrainingSpec, Any] = Seam(
    parameter="sampler",
    names={
        "balanced": lambda spec, generator: BalancedSampler(
            spec.target, batch_size=spec.batch_size, generator=generator
        ),
        "stratified": lambda spec, generator: StratifiedBatchSampler(
            spec.target, batch_size=spec.batch_size, generator=generator
        ),
        "length_bucket": lambda spec, generator: LengthBucketSampler(
            _shuffled(spec, generator), spec.lengths, generator=generator
        ),
        "block_shuffle": lambda spec, generator: BlockShuffleSampler(
            spec.lengths, batch_size=spec.batch_size, generator=generator
        ),
    },
    is_instance=lambda value: (
        not isinstance(value, type)
        and hasattr(value, "__iter__")
        and hasattr(value, "__len__")
        and getattr(value, "ndim", 1) > 0  # an array without axes has both methods, but no length
    ),
    kind="an iterable of index batches with a length",
)


def build_batches(choice: SamplerChoice, spec: TrainingSpec, generator: torch.Generator) -> IndexBatches:
    """Return an iterable of the index batches of an epoch."""
    if choice is None:
        return _shuffled(spec, generator)
    batches: IndexBatches = SAMPLER.build(choice, spec, generator)
    return batches


def _shuffled(spec: TrainingSpec, generator: torch.Generator) -> ShuffleSampler:
    return ShuffleSampler(len(spec.target), batch_size=spec.batch_size, generator=generator)


def loss_seam(label_smoothing: float) -> Seam[TrainingSpec, Any]:
    """Return the extension point of the loss; the named losses take `label_smoothing`."""

    def logit_adjusted(spec: TrainingSpec, generator: torch.Generator) -> Loss:
        counts = spec.class_counts
        # A class that has not occurred yet counts as the rarest that has: its prior must not be 0.
        prior = counts.clamp_min(float(counts[counts > 0].min()))
        return LogitAdjustedLoss(class_prior=prior.tolist(), label_smoothing=label_smoothing)

    return Seam(
        parameter="loss",
        names={
            "cross_entropy": lambda spec, generator: CrossEntropyLoss(label_smoothing=label_smoothing),
            "focal": lambda spec, generator: FocalLoss(label_smoothing=label_smoothing),
            "logit_adjusted": logit_adjusted,
        },
        is_instance=lambda value: is_function_of(value, 3),
        kind="a function of logits, targets and weights",
    )


def build_loss(
    choice: LossChoice, label_smoothing: float, spec: TrainingSpec, generator: torch.Generator
) -> Loss:
    """Return the loss, a function of logits, targets and weights."""
    loss: Loss = loss_seam(label_smoothing).build(choice, spec, generator)
    if isinstance(loss, nn.Module) and not accepts(loss.forward, 3):
        return TorchLoss(loss)
    return loss


class TorchLoss:
    """A loss of `torch.nn`, which takes logits and targets, with sample weights as a third argument."""

    def __init__(self, loss: nn.Module) -> None:
        self._loss = loss
        self.class_weight: Tensor | None = getattr(loss, "weight", None)
        self.divides_by_class_weight = isinstance(loss, _DIVIDED_BY_CLASS_WEIGHTS)
        if isinstance(loss, _DIVIDED_BY_CLASS_WEIGHTS):
            CrossEntropyLoss(class_weight=loss.weight)  # type: ignore[arg-type]  # checks the weights

    def __repr__(self) -> str:
        return repr(self._loss)

    def __call__(self, logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        """Return the loss; with sample weights, the weighted mean of the losses of the samples."""
        self._loss.to(logits.device, logits.dtype)  # its class weights may have other ones
        if weight is None:
            return self._losses(self._loss, logits, target)
        if not hasattr(self._loss, "reduction"):
            raise TypeError(
                "`loss` must take weights as a third argument where samples are weighted; got "
                f"{type(self._loss).__name__}, which takes logits and targets only. Write a function "
                "`loss(logits, target, weight)`."
            )
        single: Any = copy.copy(self._loss)
        single.reduction = "none"
        losses = self._losses(single, logits, target)  # weighted by class already
        total = weight.sum()
        if self.class_weight is not None and self.divides_by_class_weight:
            total = (weight * self.class_weight.to(weight)[target]).sum()
        return (losses * weight).sum() / torch.where(total > 0, total, 1.0)

    def _losses(self, loss: nn.Module, logits: Tensor, target: Tensor) -> Tensor:
        try:
            losses: Tensor = loss(logits, target)
        except (RuntimeError, ValueError, IndexError) as error:
            raise TypeError(
                "`loss` must take logits of shape (batch, n_classes) and class indices of shape (batch,), as "
                f"`torch.nn.CrossEntropyLoss` does; {type(loss).__name__} raised {type(error).__name__}: {error}"
            ) from error
        return losses


_DIVIDED_BY_CLASS_WEIGHTS = (nn.CrossEntropyLoss, nn.NLLLoss)
"""Torch losses that divide by the sum of the class weights of a batch; the others divide by its size."""


def check_built_loss(loss: Loss, *, class_weight: Any, sampler: Any) -> None:
    """Raise if a loss that a factory has made corrects for imbalance, and another option does so too."""
    check_balancing(class_weight=class_weight, sampler=sampler, loss=loss, label_smoothing=0.0)


def check_balancing(*, class_weight: Any, sampler: Any, loss: Any, label_smoothing: float) -> None:
    """Raise if the sampler or the loss is unknown, or if two options correct for imbalance."""
    if sampler is not None:
        SAMPLER.check(sampler)
    loss_seam(0.0).check(loss)
    if check_number("label_smoothing", label_smoothing) and not isinstance(loss, str):
        raise ValueError(
            f"`label_smoothing` must be 0 with a custom loss; got {label_smoothing!r}. Smooth in the loss itself."
        )
    options = {"class_weight": class_weight, "sampler": sampler, "loss": loss}
    corrects = {
        "class_weight": class_weight is not None,
        "sampler": isinstance(sampler, str) and sampler in ("balanced", "stratified"),
        "loss": _corrects(loss),
    }
    used = [name for name, does in corrects.items() if does]
    if len(used) > 1:
        values = " and ".join(f"{name}={options[name]!r}" for name in used)
        raise ValueError(
            f"`{used[0]}` and `{used[1]}` must not both be set; got {values}. Each gives rare classes more weight, and "
            "together they correct twice. Keep one."
        )


def _corrects(loss: Any) -> bool:
    """Return whether a loss gives rare classes more weight."""
    if isinstance(loss, str):
        return loss == "logit_adjusted"
    if isinstance(loss, type):
        return False
    weights = (getattr(loss, "class_weight", None), getattr(loss, "weight", None))
    return isinstance(loss, LogitAdjustedLoss) or any(weight is not None for weight in weights)
