"""Logits and targets -> the training objective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from seqclf._checks import check_not_negative, check_number, check_sequence, convert_fields


class Loss(Protocol):
    """The interface of a loss: any callable with these arguments.

    Examples
    --------
    >>> import torch
    >>> def squared_hinge(logits, target, weight=None):
    ...     return torch.nn.functional.multi_margin_loss(logits, target, p=2)
    >>> squared_hinge(torch.tensor([[2.0, 0.0]]), torch.tensor([0]))
    tensor(0.)
    """

    def __call__(self, logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        """Map logits (batch, n_classes), targets (batch,) and sample weights (batch,) to a scalar."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossEntropyLoss:
    """Cross-entropy of logits, averaged with weights.

    Parameters
    ----------
    label_smoothing : float in [0, 1), default=0.0
        Share of the target that is spread evenly over all classes.
    class_weight : sequence of n_classes float, optional
        Weight of the samples of each class, multiplied with their own.

    Raises
    ------
    ValueError, TypeError
        If an option is out of range.

    Notes
    -----
    The sum of the weighted losses is divided by the sum of the weights: a weight of 2 counts the sample twice, and the scale of
    the weights does not act as a learning rate. A sample has the weight of its true class, also with label smoothing;
    `torch.nn.CrossEntropyLoss` weights the smoothed share by the other classes.

    References
    ----------
    Szegedy et al., Rethinking the inception architecture, CVPR 2016, arXiv:1512.00567 (label smoothing).

    Examples
    --------
    >>> import torch
    >>> from seqclf.nn import CrossEntropyLoss
    >>> logits, target = torch.tensor([[0.0, 0.0], [9.0, 0.0]]), torch.tensor([0, 1])
    >>> CrossEntropyLoss()(logits, target, torch.tensor([1.0, 0.0]))
    tensor(0.6931)
    """

    label_smoothing: float = 0.0
    class_weight: Sequence[float] | None = None

    def __post_init__(self) -> None:
        convert_fields(self, label_smoothing=check_smoothing, class_weight=check_class_weight)

    def __call__(self, logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        """Return the mean loss."""
        losses = cross_entropy(logits, target, reduction="none", label_smoothing=self.label_smoothing)
        return weighted_mean(losses, target, weight, self.class_weight, n_classes=logits.shape[1])


def weighted_mean(
    losses: Tensor,
    target: Tensor,
    weight: Tensor | None,
    class_weight: Sequence[float] | None,
    *,
    n_classes: int,
) -> Tensor:
    """Average the losses of samples, weighted.

    Parameters
    ----------
    losses : torch.Tensor of shape (batch,)
        The loss of each sample.
    target : torch.Tensor of shape (batch,), int64
        Their class indices.
    weight : torch.Tensor of shape (batch,) or None
        Weight of each sample.
    class_weight : sequence of n_classes float or None
        Weight of the samples of each class, multiplied with their own.
    n_classes : int
        For the check of `class_weight`.

    Returns
    -------
    torch.Tensor
        A scalar.

    Examples
    --------
    >>> import torch
    >>> from seqclf.nn import weighted_mean
    >>> weighted_mean(torch.tensor([1.0, 4.0]), torch.tensor([0, 1]), torch.tensor([2.0, 1.0]), None, n_classes=2)
    tensor(2.)
    """
    if class_weight is not None:
        if len(class_weight) != n_classes:
            raise ValueError(
                f"`class_weight` must have a weight for each of {n_classes} classes; got {len(class_weight)}."
            )
        of_class = class_vector(class_weight, losses)[target]
        weight = of_class if weight is None else weight * of_class
    if weight is None:
        return losses.mean()
    total = weight.sum()
    # In a batch of weights 0 the loss is 0, not 0 / 0.
    return (losses * weight).sum() / torch.where(total > 0, total, 1.0)


def class_vector(numbers: Any, like: Tensor) -> Tensor:
    """Return a number per class as a tensor; an array is copied, because torch warns of read-only ones."""
    numbers = numbers.copy() if isinstance(numbers, np.ndarray) else numbers
    return torch.as_tensor(numbers, dtype=like.dtype, device=like.device)


def check_smoothing(name: str, value: object) -> float:
    """Return the share that is spread over all classes; raise unless some is left for the true class."""
    smoothing = check_number(name, value)
    if not 0.0 <= smoothing < 1.0:
        raise ValueError(f"`{name}` must lie in [0, 1); got {value!r}. 0 switches it off.")
    return smoothing


def check_class_weight(name: str, value: Any) -> tuple[float, ...] | None:
    """Return the weights of a sequence, array or tensor as floats; raise unless each is finite and one is positive."""
    if value is None:
        return None
    given = check_sequence(
        name, value.tolist() if isinstance(value, np.ndarray | Tensor) else value, "numbers"
    )
    weights = tuple(check_not_negative(f"{name}[{i}]", weight) for i, weight in enumerate(given))
    if not any(weights):
        raise ValueError(
            f"`{name}` must have a positive entry; got {value!r:.100}. Training would have no effect."
        )
    return weights
