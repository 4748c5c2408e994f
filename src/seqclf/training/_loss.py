"""The training objective, as the loop calls it."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

LossFunction = Callable[[Tensor, Tensor, Tensor | None], Tensor]
"""Logits (batch, n_classes), targets (batch,), weights (batch,) or None -> scalar."""
