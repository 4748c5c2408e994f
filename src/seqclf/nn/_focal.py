"""A loss that gives less weight to well-classified samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from torch import Tensor
from torch.nn.functional import log_softmax, one_hot

from seqclf._checks import check_not_negative, convert_fields
from seqclf.nn._losses import check_class_weight, check_smoothing, weighted_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class FocalLoss:
    """Cross-entropy times (1 - p) ** gamma, where p is the probability of the true class.

    Parameters
    ----------
    gamma : float, default=2.0
        How fast a sample loses weight as its probability grows; 0 is cross-entropy.
    label_smoothing : float in [0, 1), default=0.0
        Share of the target that is spread evenly over all classes; each class has its own factor (1 - p) ** gamma.
    class_weight : sequence of n_classes float, optional
        Weight of the samples of each class: the paper's alpha.

    Raises
    ------
    ValueError, TypeError
        If an option is out of range.

    Notes
    -----
    It is not a correction for imbalance: it gives more weight to hard samples, and samples of rare classes
    are often hard. The predicted probabilities are less confident than they should be.

    References
    ----------
    Lin, Goyal, Girshick, He & Dollar, Focal loss for dense object detection, ICCV 2017, arXiv:1708.02002. The paper
    defines it for two classes with a sigmoid; here it is defined on the softmax of any number of classes, and averaged as
    `CrossEntropyLoss` is.

    Examples
    --------
    >>> import torch
    >>> from seqclf.nn import FocalLoss
    >>> FocalLoss(gamma=2.0)(torch.zeros(1, 2), torch.tensor([0]))  # log(2) / 4
    tensor(0.1733)
    """

    gamma: float = 2.0
    label_smoothing: float = 0.0
    class_weight: Sequence[float] | None = None

    def __post_init__(self) -> None:
        convert_fields(
            self,
            gamma=partial(check_not_negative, advice="0 is cross-entropy."),
            label_smoothing=check_smoothing,
            class_weight=check_class_weight,
        )

    def __call__(self, logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        """Return the mean loss."""
        logs = log_softmax(logits, dim=1)
        # A power below 1 has no gradient at 0, where a probability rounds to 1.
        factor = (-logs.expm1()).clamp_min(1e-12) ** self.gamma
        n_classes = logits.shape[1]
        shares = (
            one_hot(target, n_classes).to(logits.dtype) * (1.0 - self.label_smoothing)
            + self.label_smoothing / n_classes
        )
        return weighted_mean(
            -(shares * factor * logs).sum(dim=1), target, weight, self.class_weight, n_classes=n_classes
        )
