"""The learning rate over a run."""

from __future__ import annotations

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler, OneCycleLR, ReduceLROnPlateau

from seqclf.training._config import TrainingConfig


class LearningRate:
    """Steps torch's schedule after each batch or, on a plateau, after each epoch."""

    def __init__(
        self, optimizer: torch.optim.Optimizer, config: TrainingConfig, steps_per_epoch: int
    ) -> None:
        total = config.max_epochs * steps_per_epoch
        self._optimizer = optimizer
        self._per_batch: LRScheduler | None = None
        self._per_epoch: ReduceLROnPlateau | None = None
        if config.schedule == "one_cycle":
            # Momentum is left alone: with it, two changing values explain one result.
            self._per_batch = OneCycleLR(optimizer, max_lr=config.lr, total_steps=total, cycle_momentum=False)
        elif config.schedule == "cosine":
            self._per_batch = CosineAnnealingLR(optimizer, T_max=total)
        elif config.schedule == "plateau":
            self._per_epoch = ReduceLROnPlateau(optimizer, factor=0.5, patience=2)

    @property
    def current(self) -> float:
        """The learning rate of the next step."""
        return float(self._optimizer.param_groups[0]["lr"])

    def after_batch(self) -> None:
        """Move on by one step."""
        if self._per_batch is not None:
            self._per_batch.step()

    def after_epoch(self, loss: float) -> None:
        """Move on by one epoch that ended with this loss."""
        if self._per_epoch is not None:
            self._per_epoch.step(loss)
