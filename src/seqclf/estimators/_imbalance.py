"""An estimator's options against imbalance -> its batches and its loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, get_args

import torch

from seqclf._checks import check_choice
from seqclf.nn import CrossEntropyLoss, FocalLoss, LogitAdjustedLoss, Loss
from seqclf.sampling import BalancedSampler, LengthBucketSampler, ShuffleSampler, StratifiedBatchSampler
from seqclf.training import IndexBatches, LabelledSequences

if TYPE_CHECKING:
    from seqclf.estimators._classifier import RecurrentClassifier

SamplerName = Literal["balanced", "stratified", "length_bucket"]
LossName = Literal["cross_entropy", "focal", "logit_adjusted"]


class MakeSampler(Protocol):
    """What a sampler of your own must do: any callable that makes one from the training data will.

    Examples
    --------
    >>> from seqclf import GRUClassifier
    >>> from seqclf.sampling import BalancedSampler
    >>> def half_balanced(data, *, batch_size, generator):
    ...     return BalancedSampler(data.target, strength=0.5, batch_size=batch_size, generator=generator)
    >>> X, y = [[0.1, 0.9], [0.9, 0.1], [0.8, 0.2]] * 8, ["up", "down", "down"] * 8
    >>> model = GRUClassifier(hidden_size=4, sampler=half_balanced, random_state=0).fit(X, y)
    >>> model.predict([[0.2, 0.8]])
    array(['up'], dtype='<U4')
    """

    def __call__(
        self, data: LabelledSequences, *, batch_size: int, generator: torch.Generator
    ) -> IndexBatches:
        """Return what gives the index batches of each epoch."""
        ...


def check_imbalance(estimator: RecurrentClassifier) -> None:
    """Raise if options are unknown or correct twice."""
    if not callable(estimator.sampler):
        check_choice("sampler", estimator.sampler, (None, *get_args(SamplerName)))
    if not callable(estimator.loss):
        check_choice("loss", estimator.loss, get_args(LossName))
    elif estimator.label_smoothing:
        raise ValueError(
            f"`label_smoothing` must be 0 with a loss of your own; got {estimator.label_smoothing!r}. "
            "Smooth in the loss itself."
        )
    corrections = {
        "class_weight": estimator.class_weight is not None,
        "sampler": estimator.sampler in ("balanced", "stratified"),
        "loss": _corrects(estimator.loss),
    }
    used = [name for name, is_used in corrections.items() if is_used]
    if len(used) > 1:
        names = f"`{used[0]}` and `{used[1]}`"
        values = " and ".join(f"{name}={getattr(estimator, name)!r}" for name in used)
        raise ValueError(
            f"{names} must not both be set; got {values}. Each makes rare classes count more, and together they correct "
            "twice. Keep one."
        )


def _corrects(loss: LossName | Loss) -> bool:
    """Return whether a loss makes rare classes count more."""
    if isinstance(loss, LogitAdjustedLoss) or getattr(loss, "class_weight", None) is not None:
        return True
    return isinstance(loss, str) and loss == "logit_adjusted"


def new_batches(
    estimator: RecurrentClassifier, data: LabelledSequences, generator: torch.Generator
) -> IndexBatches:
    """Return what gives the batches of each epoch."""
    size = estimator.batch_size
    if callable(estimator.sampler):
        return estimator.sampler(data, batch_size=size, generator=generator)
    if estimator.sampler == "balanced":
        return BalancedSampler(data.target, batch_size=size, generator=generator)
    if estimator.sampler == "stratified":
        return StratifiedBatchSampler(data.target, batch_size=size, generator=generator)
    shuffled = ShuffleSampler(len(data), batch_size=size, generator=generator)
    if estimator.sampler == "length_bucket":
        return LengthBucketSampler(shuffled, data.sequences.lengths.cpu(), generator=generator)
    return shuffled


def new_loss(estimator: RecurrentClassifier, natural: torch.Tensor) -> Loss:
    """Return the loss; `natural` is how often each class was seen, of all `partial_fit`, (n_classes,)."""
    if callable(estimator.loss):
        return estimator.loss
    if estimator.loss == "focal":
        return FocalLoss(label_smoothing=estimator.label_smoothing)
    if estimator.loss == "logit_adjusted":
        # A class that does not occur (yet) counts as the rarest that does: its prior may not be 0.
        prior = natural.clamp_min(float(natural[natural > 0].min()))
        return LogitAdjustedLoss(class_prior=prior.tolist(), label_smoothing=estimator.label_smoothing)
    return CrossEntropyLoss(label_smoothing=estimator.label_smoothing)
