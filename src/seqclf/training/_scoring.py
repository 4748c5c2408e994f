"""Logits of many batches -> loss, accuracy and macro F1."""

from __future__ import annotations

import torch
from torch import Tensor

from seqclf.training._history import Scores


class Tally:
    """Adds up one pass without keeping its logits.

    Everything stays on the device until `scores` is asked: one synchronisation per pass, not one per batch.
    """

    def __init__(self) -> None:
        self._loss: Tensor | None = None
        self._weight: Tensor | float = 0.0
        self._pairs: list[tuple[Tensor, Tensor]] = []

    def add(self, loss: Tensor, logits: Tensor, target: Tensor, weight: Tensor | None = None) -> None:
        """Count one batch; its loss, a mean, counts as many as it has samples, or as much as these weigh."""
        mass = len(target) if weight is None else weight.sum()
        weighted = loss.detach() * mass
        self._loss = weighted if self._loss is None else self._loss + weighted
        self._weight = self._weight + mass
        self._pairs.append((target, logits.detach().argmax(dim=1)))

    def scores(self, n_classes: int) -> Scores:
        """Return the scores of what was added."""
        if self._loss is None:
            raise ValueError("A pass must have at least one batch; got none.")
        target = torch.cat([pair[0] for pair in self._pairs])
        predicted = torch.cat([pair[1] for pair in self._pairs])
        confusion = torch.bincount(target * n_classes + predicted, minlength=n_classes**2).double()
        confusion = confusion.view(n_classes, n_classes)
        hits = confusion.diagonal()
        relevant = confusion.sum(0) + confusion.sum(1)
        present = relevant > 0  # a class neither seen nor predicted has no F1
        f1 = 2 * hits[present] / relevant[present]
        return Scores(
            loss=float(self._loss) / max(float(self._weight), 1e-12),
            accuracy=float(hits.sum() / confusion.sum()),
            macro_f1=float(f1.mean()),
        )
