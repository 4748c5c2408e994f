"""When has a model stopped improving, and what were its best weights?"""

from __future__ import annotations

import math

from torch import Tensor, nn

from seqclf.training._config import TrainingConfig


class EarlyStopping:
    """Remembers the weights of the epoch with the smallest loss."""

    def __init__(self, config: TrainingConfig) -> None:
        self._patience = config.n_iter_no_change
        self._tol = config.tol
        self._best_loss = math.inf
        self._best_weights: dict[str, Tensor] | None = None
        self._waited = 0

    def update(self, loss: float, module: nn.Module) -> bool:
        """Note an epoch's loss; return whether to stop."""
        improved_enough = loss < self._best_loss - self._tol
        if loss < self._best_loss:
            self._best_loss = loss
            self._best_weights = {name: value.detach().clone() for name, value in module.state_dict().items()}
        self._waited = 0 if improved_enough else self._waited + 1
        return self._waited >= self._patience

    def restore(self, module: nn.Module) -> None:
        """Give the module the best weights."""
        if self._best_weights is not None:
            module.load_state_dict(self._best_weights)
