"""The training objective, as the loop calls it, and how it weighs samples."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

LossFunction = Callable[[Tensor, Tensor, Tensor | None], Tensor]
"""Logits (batch, n_classes), targets (batch,), weights (batch,) or None -> scalar, a weighted mean over the batch."""


def weights_in_loss(loss: LossFunction, target: Tensor, weight: Tensor | None) -> Tensor:
    """Return the factor by which a loss multiplies the loss of each sample: the weight of the sample times that of its class.

    Parameters
    ----------
    loss : callable
        Its attribute `class_weight`, if it has one, holds the weights of the classes.
    target : torch.Tensor of shape (batch,), int64
        Class indices.
    weight : torch.Tensor of shape (batch,) or None
        Weight of each sample.

    Returns
    -------
    torch.Tensor of shape (batch,), float64

    Examples
    --------
    >>> import torch
    >>> from seqclf.nn import CrossEntropyLoss
    >>> from seqclf.training import weights_in_loss
    >>> weights_in_loss(CrossEntropyLoss(class_weight=(1, 3)), torch.tensor([0, 1]), None)
    tensor([1., 3.], dtype=torch.float64)
    """
    weights = torch.ones_like(target, dtype=torch.float64) if weight is None else weight.double()
    of_class = getattr(loss, "class_weight", None)
    if of_class is None:
        return weights
    # A copy, because torch warns of read-only arrays.
    of_class = of_class.copy() if isinstance(of_class, np.ndarray) else of_class
    return weights * torch.as_tensor(of_class, dtype=torch.float64, device=target.device)[target]


def loss_divisor(loss: LossFunction, target: Tensor, weight: Tensor | None) -> float:
    """Return the number by which a loss divides its sum over a batch: the sum of the weights.

    If a loss multiplies by class weights but does not divide by them, its attribute `divides_by_class_weight` must be False.

    Parameters
    ----------
    loss, target, weight
        As in `weights_in_loss`.

    Examples
    --------
    >>> import torch
    >>> from seqclf.nn import CrossEntropyLoss
    >>> from seqclf.training import loss_divisor
    >>> loss_divisor(CrossEntropyLoss(class_weight=(1, 3)), torch.tensor([0, 1]), None)
    4.0
    """
    if getattr(loss, "divides_by_class_weight", True):
        return float(weights_in_loss(loss, target, weight).sum())
    return float(len(target) if weight is None else weight.double().sum())
