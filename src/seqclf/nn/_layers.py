"""The weights that a recurrent layer computes with, and the hooks that only a call of the layer runs."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules import module as every_module
from torch.nn.utils.prune import BasePruningMethod
from torch.nn.utils.spectral_norm import SpectralNorm
from torch.nn.utils.weight_norm import WeightNorm

_OWN_FORWARD = (nn.RNN.forward, nn.GRU.forward, nn.LSTM.forward)
_WEIGHT_HOOKS = (SpectralNorm, WeightNorm, BasePruningMethod)
"""Forward pre-hooks of torch that do not read the input of the layer: they compute a weight from its parameters."""


_RECURRENT = (nn.RNN, nn.GRU, nn.LSTM)
"""Not `nn.RNN | nn.GRU | nn.LSTM`, which `torch.compile` of torch 2.7 cannot trace."""


def check_layer(layer: nn.Module) -> nn.RNNBase:
    """Return the layer; raise unless its weights, or a call of it, give what it is meant to compute.

    torch has no public way to see hooks; a test fails if it renames these attributes.
    """
    if not isinstance(layer, _RECURRENT) or layer.num_layers != 1 or layer.proj_size != 0:
        raise TypeError(
            "Layers of a RecurrentEncoder must be torch.nn.RNN, GRU or LSTM with num_layers=1 and proj_size=0; got "
            f"{layer!r:.200}. Write a custom encoder for other layers."
        )
    if has_backward_hooks(layer):
        raise ValueError(
            "Layers of a RecurrentEncoder must have no backward hooks, not even those of all modules: torch does not run "
            f"them for sequences of different lengths; got one for {layer}. Use `Tensor.register_hook` on a weight."
        )
    return layer


def check_inputs(values: Tensor, weight: Tensor) -> None:
    """Raise unless steps and weights have one device and, without autocast, one dtype."""
    if values.device != weight.device:
        raise ValueError(
            f"Sequences and weights must be on one device; got {values.device} and {weight.device}. "
            "Move one of them with `.to()`."
        )
    if values.dtype != weight.dtype and not torch.is_autocast_enabled(values.device.type):
        raise ValueError(
            f"Sequences and weights must have one dtype; got {values.dtype} and {weight.dtype}. Call `.float()` on the module, "
            "or convert the steps: `sequences.with_values(sequences.values.to(dtype))`."
        )


def forward_hooks_of(layer: nn.Module) -> tuple[tuple[str, dict[int, Any]], ...]:
    """Return the hooks that a call of a layer runs, by their kind in words."""
    return (
        ("a forward hook", layer._forward_hooks),
        ("a forward pre-hook", layer._forward_pre_hooks),
        ("a forward hook of all modules", every_module._global_forward_hooks),
        ("a forward pre-hook of all modules", every_module._global_forward_pre_hooks),
    )


def has_backward_hooks(layer: nn.Module) -> bool:
    """Return whether the backward pass of a layer runs hooks, its own or those of all modules."""
    return bool(
        layer._backward_hooks
        or layer._backward_pre_hooks
        or every_module._global_backward_hooks
        or every_module._global_backward_pre_hooks
    )


def hook_of(layer: nn.RNNBase) -> str | None:
    """Return in words what makes a call of the layer differ from its equations; None if nothing does."""
    for kind, hooks in forward_hooks_of(layer):
        for hook in hooks.values():
            if not _is_of_weights(hook):
                return f"{kind}, {hook!r:.100}"
    # Neither `in` nor `vars`, which `torch.compile` of torch 2.7 cannot trace.
    if all(type(layer).forward is not own for own in _OWN_FORWARD) or "forward" in layer.__dict__:
        return f"a method `forward` of its own, in {type(layer).__name__}"
    return None


def weights_of(layer: nn.RNNBase) -> list[Tensor]:
    """Return the weights that a call of the layer would use, those of the reverse direction last.

    Hooks of pruning and of the older norms compute a weight before each call and set it as an attribute. Parametrizations
    compute it whenever it is read, which updates a spectral norm in training: so each is read once.
    """
    for hook in layer._forward_pre_hooks.values():
        if _is_of_weights(hook):
            hook(layer, ())
    named: dict[str, Tensor] = {name: getattr(layer, name) for name in _names(layer)}
    release_graph(layer)
    return list(named.values())


def release_graph(layer: nn.RNNBase) -> None:
    """Detach the weights that hooks have computed: torch cannot copy a module that holds part of a graph."""
    for name in _names(layer):
        if name in layer.__dict__:  # which holds no parameter
            setattr(layer, name, getattr(layer, name).detach())


def _names(layer: nn.RNNBase) -> list[str]:
    """Return the names of the weights, those of the reverse direction last."""
    names = ["weight_ih_l0", "weight_hh_l0"] + (["bias_ih_l0", "bias_hh_l0"] if layer.bias else [])
    return names + [f"{name}_reverse" for name in names] if layer.bidirectional else names


def _is_of_weights(hook: Any) -> bool:
    return isinstance(hook, _WEIGHT_HOOKS)
