"""Logits and targets -> one number to make small."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor
from torch.nn.functional import cross_entropy


class Loss(Protocol):
    """What a loss of your own must do: any callable will.

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


class CrossEntropyLoss:
    """Cross-entropy of logits, averaged with sample weights.

    The sum of the weighted losses is divided by the sum of the weights, so that a weight of 2 counts as the sample
    twice and the scale of the weights does not act as a learning rate.

    Examples
    --------
    >>> import torch
    >>> from seqclf.nn import CrossEntropyLoss
    >>> logits, target = torch.tensor([[0.0, 0.0], [9.0, 0.0]]), torch.tensor([0, 1])
    >>> CrossEntropyLoss()(logits, target, torch.tensor([1.0, 0.0]))
    tensor(0.6931)
    """

    def __call__(self, logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        """Return the mean loss."""
        if weight is None:
            return cross_entropy(logits, target)
        losses = cross_entropy(logits, target, reduction="none")
        # A batch of weights 0 has nothing to say: loss 0, not 0 / 0.
        return (losses * weight).sum() / weight.sum().clamp_min(1e-12)
