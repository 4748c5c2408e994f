"""Calling a network: what it must return, and the likely cause where it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from seqclf.sequences import Sequences


def call_network(
    module: nn.Module, batch: Sequences, function: Callable[[Sequences], Any] | None = None
) -> Tensor:
    """Return a tensor with one row for each sequence: the output of a module, or of a method of it.

    Raises
    ------
    ValueError, TypeError
        If the network fails for a reason that its weights or the batch show, or returns anything but one row per sequence.
    """
    run: Callable[[Sequences], Any] = module if function is None else function
    try:
        output = run(batch)
    except (RuntimeError, ValueError) as error:
        _explain(module, batch, error)
        raise
    if not isinstance(output, Tensor):
        raise TypeError(
            f"`network` must return a tensor with one row per sequence; {type(module).__name__} returned "
            f"{type(output).__name__} for a batch of {len(batch)}."
        )
    if output.ndim == 0 or output.shape[0] != len(batch):
        raise ValueError(
            f"`network` must return one row per sequence; {type(module).__name__} returned shape {tuple(output.shape)} for a "
            f"batch of {len(batch)}."
        )
    return output


def check_loss(value: Any) -> Tensor:
    """Return the value of a loss; raise unless it is a scalar that the weights can be trained with."""
    if not isinstance(value, Tensor) or value.ndim != 0:
        got = f"shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
        raise TypeError(f"`loss` must return a scalar tensor; got {got}. Return the mean over the batch.")
    if not value.requires_grad:
        raise ValueError(
            "`loss` must depend on the weights of the network; got a value without a gradient. Is a tensor detached, or are "
            "all weights frozen?"
        )
    return value


def _explain(module: nn.Module, batch: Sequences, error: Exception) -> None:
    """Raise an error with the likely cause, if there is one."""
    failed = f"{type(module).__name__} raised {type(error).__name__}: {error}"
    others = {p.dtype for p in module.parameters() if p.is_floating_point()} - {torch.float32}
    if others:
        raise TypeError(
            f"The weights of a network must be float32, as `Sequences` are; got {', '.join(sorted(map(str, others)))}. {failed}. "
            "Call `module.float()`."
        ) from error
    if module.training and len(batch) == 1:
        raise ValueError(
            f"`network` must accept a training batch of one sequence; {failed}. Batch normalisation needs at least two: "
            "use a larger `batch_size` or more samples, or layer normalisation."
        ) from error
