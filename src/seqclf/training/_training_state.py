"""A training -> nested values, and back."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor, nn

from seqclf.training._history import EpochRecord
from seqclf.training._inference import device_of
from seqclf.training._loop import Training


def state_of(training: Training) -> dict[str, Any]:
    """Return everything that a training changes; to resume, the caller of `train` builds the rest again."""
    stopping, randomness = training.stopping, training.randomness
    return {
        "network": training.module.state_dict(),
        "buffers": _other_buffers(training.module),
        "optimizer": training.optimizer.state_dict(),
        "learning_rate": training.learning_rate.state(),
        "stopping": None if stopping is None else stopping.state(),
        "history": [asdict(record) for record in training.history],
        "tally": training.tally.state(),
        "epoch": training.epoch,
        "n_batches": training.n_batches,
        "lr": training.lr,
        "seconds": time.perf_counter() - training.started,
        "is_finished": training.is_finished,
        "seed": None if randomness is None else randomness.seed,
    }


def load_state(training: Training, state: dict[str, Any]) -> None:
    """Load a state into a training that was built in the same way."""
    seed = None if training.randomness is None else training.randomness.seed
    if state["seed"] != seed:
        raise ValueError("the random numbers that were drawn before the first batch differ")
    training.module.load_state_dict(state["network"])
    for name, buffer in _other_buffers(training.module).items():
        buffer.copy_(state["buffers"][name])
    _load_optimizer(training.optimizer, state["optimizer"])
    training.learning_rate.load_state(state["learning_rate"])
    if training.stopping is not None:
        training.stopping.load_state(state["stopping"])
    training.history.epochs[:] = [EpochRecord(**record) for record in state["history"]]
    training.tally.load_state(state["tally"], device_of(training.module))
    training.epoch, training.n_batches = state["epoch"], state["n_batches"]
    training.lr, training.started = state["lr"], time.perf_counter() - state["seconds"]
    training.is_finished = state["is_finished"]


def _other_buffers(module: nn.Module) -> dict[str, Tensor]:
    """Return the buffers that are not in the state of a module."""
    stored = module.state_dict()
    return {name: buffer for name, buffer in module.named_buffers() if name not in stored}


def _load_optimizer(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """Load the state of an optimizer, in the types that it had: torch converts it to those of the weights."""
    optimizer.load_state_dict(state)
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    for number, values in state["state"].items():
        loaded = optimizer.state[weights[number]] if isinstance(number, int) else {}
        for name, value in values.items() if loaded else ():
            if isinstance(value, Tensor) and loaded[name].dtype != value.dtype:
                loaded[name] = value.to(loaded[name].device)
