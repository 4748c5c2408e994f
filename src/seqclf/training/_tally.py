"""Logits of many batches -> loss, accuracy and macro F1."""

from __future__ import annotations

import torch
from torch import Tensor

from seqclf.training._history import Scores


class Tally:
    """Adds up an epoch without keeping its logits.

    Everything stays on the device until `scores` is called: one synchronisation per epoch, not one per batch.
    """

    def __init__(self) -> None:
        self._loss: Tensor | None = None
        self._n_samples = 0
        self._n_classes = 0
        self._pairs: list[tuple[Tensor, Tensor]] = []

    def add(self, loss: Tensor, logits: Tensor, target: Tensor) -> None:
        """Count one batch; its loss, a mean, counts once for each sample."""
        weighted = loss.detach() * len(target)
        self._loss = weighted if self._loss is None else self._loss + weighted
        self._n_samples += len(target)
        self._n_classes = logits.shape[1]
        self._pairs.append((target, logits.detach().argmax(dim=1)))

    def scores(self) -> Scores:
        """Return the scores of all batches."""
        if self._loss is None:
            raise ValueError("An epoch must have at least one batch; got none. Does the sampler yield any?")
        target = torch.cat([pair[0] for pair in self._pairs])
        predicted = torch.cat([pair[1] for pair in self._pairs])
        accuracy, macro_f1 = agreement(target, predicted, self._n_classes)
        return Scores(loss=float(self._loss) / self._n_samples, accuracy=accuracy, macro_f1=macro_f1)


def agreement(target: Tensor, predicted: Tensor, n_classes: int) -> tuple[float, float]:
    """Return accuracy and macro F1 of class indices; a class neither seen nor predicted has no F1."""
    hits = torch.bincount(target[target == predicted], minlength=n_classes).double()
    relevant = (
        torch.bincount(target, minlength=n_classes) + torch.bincount(predicted, minlength=n_classes)
    ).double()
    present = relevant > 0
    f1 = 2 * hits[present] / relevant[present]
    return float(hits.sum() / len(target)), float(f1.mean())
