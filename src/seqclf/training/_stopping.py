"""When has a model stopped improving, and what were its best weights?"""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor, nn

from seqclf.training._config import TrainingConfig
from seqclf.training._history import EpochRecord


class EarlyStopping:
    """Keeps the weights of the epoch in which the monitored value was best."""

    def __init__(self, config: TrainingConfig) -> None:
        self._monitor = config.monitor
        self._patience = config.n_iter_no_change
        self._tol = config.tol
        self._best = math.inf
        self._best_weights: dict[str, Tensor] | None = None
        self._waited = 0

    def update(self, record: EpochRecord, module: nn.Module, *, warming_up: bool = False) -> bool:
        """Process an epoch; return whether to stop.

        Patience does not count while the learning rate is still rising: scores of the warm-up say little about those after it.
        """
        cost = record.cost(self._monitor if isinstance(self._monitor, str) else "valid_monitor")
        improved_enough = cost < self._best - self._tol
        if cost < self._best:
            self._best = cost
            self._best_weights = {name: value.detach().clone() for name, value in module.state_dict().items()}
        self._waited = 0 if improved_enough or warming_up else self._waited + 1
        return self._waited >= self._patience

    def state(self) -> dict[str, Any]:
        """Return what `load_state` restores."""
        return {"best": self._best, "best_weights": self._best_weights, "waited": self._waited}

    def load_state(self, state: dict[str, Any]) -> None:
        """Continue where another one stopped."""
        self._best, self._best_weights, self._waited = state["best"], state["best_weights"], state["waited"]

    def restore(self, module: nn.Module) -> None:
        """Give the module the best weights."""
        if self._best_weights is not None:
            module.load_state_dict(self._best_weights)
