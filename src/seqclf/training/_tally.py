"""Logits of many batches -> loss, accuracy and macro F1."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from seqclf.training._history import Scores


class Tally:
    """Adds up an epoch without keeping its logits.

    Everything stays on the device until `counts` are needed: one synchronisation per epoch, not one per batch.
    """

    def __init__(self) -> None:
        self._loss: Tensor | None = None
        self._n_samples = 0
        self._n_classes = 0
        self._counts: Tensor | None = None  # (2, n_classes): see `counts`
        self._pairs: list[
            tuple[Tensor, Tensor]
        ] = []  # target and prediction of batches that are not counted yet

    def add(self, loss: Tensor, logits: Tensor, target: Tensor) -> None:
        """Count one batch; its loss, a mean, counts once for each sample."""
        weighted = loss.detach() * len(target)
        self._loss = weighted if self._loss is None else self._loss + weighted
        self._n_samples += len(target)
        self._n_classes = logits.shape[1]
        self._pairs.append((target, logits.detach().argmax(dim=1)))

    def add_counts(self, loss: Tensor, n_samples: int, counts: Tensor) -> None:
        """Count a batch of several processes: its loss times the number of its samples, and its `count`."""
        self._loss = loss if self._loss is None else self._loss + loss
        self._n_samples += n_samples
        self._counts = counts if self._counts is None else self._counts + counts

    def scores(self) -> Scores:
        """Return the scores of all batches."""
        if self._loss is None:
            raise ValueError("An epoch must have at least one batch; got none. Does the sampler yield any?")
        accuracy, macro_f1 = scores_of(self.counts())
        return Scores(loss=float(self._loss) / self._n_samples, accuracy=accuracy, macro_f1=macro_f1)

    def state(self) -> dict[str, Any]:
        """Return what `load_state` restores."""
        counts = None if self._loss is None else self.counts()
        return {
            "loss": self._loss,
            "n_samples": self._n_samples,
            "n_classes": self._n_classes,
            "counts": counts,
        }

    def load_state(self, state: dict[str, Any], device: torch.device) -> None:
        """Continue where another tally stopped."""
        if state["loss"] is not None:
            self._loss, self._counts = state["loss"].to(device), state["counts"].to(device)
        self._n_samples, self._n_classes = state["n_samples"], state["n_classes"]

    def counts(self) -> Tensor:
        """Return the counts of `count` for all batches."""
        if self._pairs:
            target = torch.cat([pair[0] for pair in self._pairs])
            predicted = torch.cat([pair[1] for pair in self._pairs])
            counted = count(target, predicted, self._n_classes)
            self._counts = counted if self._counts is None else self._counts + counted
            self._pairs.clear()
        assert self._counts is not None
        return self._counts


def count(target: Tensor, predicted: Tensor, n_classes: int) -> Tensor:
    """Return (2, n_classes) counts: hits of each class, and how often it occurs in targets and in predictions together."""
    return torch.stack(
        [
            torch.bincount(target[target == predicted], minlength=n_classes),
            torch.bincount(target, minlength=n_classes) + torch.bincount(predicted, minlength=n_classes),
        ]
    )


def scores_of(counts: Tensor) -> tuple[float, float]:
    """Return accuracy and macro F1 from the counts of `count`; a class neither seen nor predicted has no F1."""
    hits, occurrences = counts.double()
    present = occurrences > 0
    f1 = 2 * hits[present] / occurrences[present]
    return float(2 * hits.sum() / occurrences.sum()), float(f1.mean())
