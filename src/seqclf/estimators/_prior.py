"""Class frequencies in the data, and in the batches as the loss weighted them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqclf.nn import LogitAdjustedLoss, Loss
from seqclf.training import IndexBatches, LabelledSequences, loss_divisor, read_batches, weights_in_loss


@dataclass(slots=True, kw_only=True)
class ClassPrior:
    """Class frequencies in the data, and those seen by the loss.

    Adding the logarithm of their ratio to the logits converts predictions from one to the other (Saerens,
    Latinne & Decaestecker 2002, doi:10.1162/089976602753284446). The frequencies seen by the loss are
    counted, not derived, so they are correct for any sampler and any weights.
    """

    natural: Tensor  # (n_classes,) float64: weight of the samples of each class
    trained: Tensor  # (n_classes,) float64: their weight in the batches
    adjustment: Tensor  # (n_classes,) float64: added to the logits by the loss

    @classmethod
    def unknown(cls, n_classes: int) -> ClassPrior:
        """Return a prior of no samples."""
        zeros = torch.zeros(n_classes, dtype=torch.float64, device="cpu")
        return cls(natural=zeros, trained=zeros.clone(), adjustment=zeros.clone())

    def with_samples(self, target: Tensor, weights: NDArray[np.float64] | None) -> ClassPrior:
        """Return the prior with these samples counted too."""
        mass = None if weights is None else torch.from_numpy(weights)
        natural = self.natural + torch.bincount(target, mass, minlength=len(self.natural))
        return replace(self, natural=natural, trained=self.trained.clone())

    def note_loss(self, loss: Loss) -> None:
        """Record what a loss adds to the logits in training."""
        if isinstance(loss, LogitAdjustedLoss):
            shares = torch.tensor(loss.class_prior, dtype=torch.float64, device="cpu")
            self.adjustment = loss.tau * (shares / shares.sum()).log()

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Natural share of each class."""
        shares: NDArray[np.float64] = (self.natural / self.natural.sum()).numpy()
        return shares

    @property
    def shift(self) -> Tensor:
        """The term that turns logits into those of natural probabilities: (n_classes,) float64; 0 for a class never seen."""
        seen = (self.natural > 0) & (self.trained > 0)
        ratio = (self.natural / self.natural.sum()).log() - (self.trained / self.trained.sum()).log()
        return torch.where(seen, ratio, 0.0) + self.adjustment


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedBatches:
    """Index batches whose classes are counted during iteration."""

    batches: IndexBatches
    data: LabelledSequences
    prior: ClassPrior
    loss: Loss

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[Tensor]:
        for index in read_batches(self.batches, len(self.data)):
            target = self.data.target[index]
            weight = None if self.data.weight is None else self.data.weight[index]
            weights = weights_in_loss(self.loss, target, weight)
            # The loss divides by the sum of a batch's weights, so a batch counts as many as it has samples.
            total = loss_divisor(self.loss, target, weight)
            share = weights * (len(index) / total if total > 0 else 1.0)
            self.prior.trained.index_add_(0, target, share)
            yield index
