"""The state of a training: random generators and optimizer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from seqclf.nn import Dropout
from seqclf.persistence._format_1._checks import TEXT, Must, a, mapping, optional
from seqclf.persistence._format_1._kinds import Kind
from seqclf.training import new_optimizer


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingState:
    """What `partial_fit` needs to continue as if the model had not been saved."""

    generator: torch.Generator
    dropouts: Mapping[str, torch.Generator | None]
    optimizer: Mapping[str, Mapping[str, Any]] | None


def resume(
    estimator: Any, automatic: Mapping[str, Any], network: nn.Module, state: TrainingState | None
) -> tuple[torch.Generator, torch.optim.Optimizer | None]:
    """Return generator and optimizer of a loaded model; without a state, new random numbers and no optimizer."""
    if state is None:
        generator = _new_generator(estimator.random_state)
        _set_generators(network, dict.fromkeys(_dropouts(network)), generator)
        return generator, None
    _set_generators(network, state.dropouts, state.generator)
    if state.optimizer is None:
        return state.generator, None
    lr = automatic.get("lr", estimator.lr)
    optimizer = new_optimizer(
        network, estimator.optimizer, lr=float(lr), weight_decay=float(estimator.weight_decay)
    )
    return state.generator, _restored(optimizer, network, state.optimizer)


def _new_generator(random_state: Any) -> torch.Generator:
    """Return a generator seeded by an integer, or else by the system."""
    generator = torch.Generator("cpu")
    if isinstance(random_state, int):
        return generator.manual_seed(random_state)
    generator.seed()
    return generator


def _dropouts(network: nn.Module) -> dict[str, Dropout]:
    return {name: one for name, one in network.named_modules() if isinstance(one, Dropout)}


def _set_generators(
    network: nn.Module, generators: Mapping[str, torch.Generator | None], shared: torch.Generator
) -> None:
    found = _dropouts(network)
    if set(found) != set(generators):
        raise ValueError(f"generators of {sorted(generators)}, but dropout in {sorted(found)}")
    for name, module in found.items():
        module.generator = generators[name] or shared


def _restored(
    optimizer: torch.optim.Optimizer, network: nn.Module, states: Mapping[str, Mapping[str, Any]]
) -> torch.optim.Optimizer:
    """Give each weight its state back."""
    weights = dict(network.named_parameters())
    whole = optimizer.state_dict()
    index: dict[int, int] = {}
    for group, numbered in zip(optimizer.param_groups, whole["param_groups"], strict=True):
        index |= dict(zip(map(id, group["params"]), numbered["params"], strict=True))
    for name, state in states.items():
        for key, value in state.items():
            if isinstance(value, Tensor) and value.ndim and value.shape != weights[name].shape:
                raise ValueError(f"an optimizer state {key!r} of shape {tuple(value.shape)} for {name!r}")
        whole["state"][index[id(weights[name])]] = dict(state)
    optimizer.load_state_dict(whole)
    return optimizer


_KEYS = {"step", "exp_avg", "exp_avg_sq", "momentum_buffer"}
_STATE = Must(
    f"a dict with some of {sorted(_KEYS)}, each a tensor of torch.float32 or null",
    lambda value: (
        type(value) is dict
        and set(value) <= _KEYS
        and all(
            one is None or (isinstance(one, Tensor) and one.dtype == torch.float32) for one in value.values()
        )
    ),
)

TRAINING_STATE = Kind(
    build=TrainingState,
    fields={
        "generator": a(torch.Generator),
        "dropouts": mapping(TEXT, optional(a(torch.Generator))),
        "optimizer": optional(mapping(TEXT, _STATE)),
    },
)
