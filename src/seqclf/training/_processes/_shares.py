"""Which sequences of a batch a process computes, and how much its mean counts in that of the batch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from seqclf.training._data import LabelledSequences
from seqclf.training._loss import LossFunction, loss_divisor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Share:
    """The samples of a batch that one process computes.

    Parameters
    ----------
    index : torch.Tensor of shape (n,), int64
        Which samples; none if the batch is smaller than the number of processes.
    factor : float
        By what the loss of these samples, a weighted mean, is multiplied in that of the batch: their share of its weight.
    """

    index: Tensor
    factor: float

    def part_of(self, value: Tensor) -> Tensor:
        """Return the contribution of the loss of the share to that of the batch."""
        return value if self.factor == 1.0 else value * self.factor


def share_of(
    index: Tensor,
    data: LabelledSequences,
    lengths: Tensor,
    loss: LossFunction,
    *,
    rank: int,
    n_processes: int,
) -> Share:
    """Return the share of a process: every n-th sequence, ordered by length, so that all shares take about equal time."""
    order = lengths[index].argsort(descending=True, stable=True)
    mine = index[order[rank::n_processes]]
    total = _divisor(loss, data, index)
    return Share(index=mine, factor=_divisor(loss, data, mine) / total if total > 0 else 1 / n_processes)


def _divisor(loss: LossFunction, data: LabelledSequences, index: Tensor) -> float:
    return loss_divisor(
        loss, data.target[index].cpu(), None if data.weight is None else data.weight[index].cpu()
    )


@torch.no_grad()
def check_mean(loss: LossFunction, logits: Tensor, target: Tensor, weight: Tensor | None) -> None:
    """Raise unless a loss is a weighted mean over the batch: only then do the shares of several processes add up to it."""
    if len(target) < 2:
        return
    half = len(target) // 2
    value, parts = float(loss(logits, target, weight)), 0.0
    total = loss_divisor(loss, target.cpu(), None if weight is None else weight.cpu())
    for rows in (slice(None, half), slice(half, None)):
        of_rows = None if weight is None else weight[rows]
        factor = loss_divisor(loss, target[rows].cpu(), None if of_rows is None else of_rows.cpu())
        parts += float(loss(logits[rows], target[rows], of_rows)) * factor
    if total > 0 and not abs(value - parts / total) <= 1e-3 * max(abs(value), 1e-3):
        raise ValueError(
            f"`loss` must be a weighted mean over the batch to train on several processes; got {value:.6g} for {len(target)} samples, "
            f"whose halves have the mean {parts / total:.6g}. Divide the sum of weight times loss by the sum of the weights. If the loss "
            "multiplies by class weights, store them in its attribute `class_weight`."
        )
