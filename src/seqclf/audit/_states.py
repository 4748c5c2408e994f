"""The states that a torch module pools: the output of its last recurrent layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from seqclf.sequences import Sequences


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class States:
    """What a recurrent layer of torch, or an encoder of such layers, returned in one call."""

    module: nn.Module  # the layer, or the encoder that returned `Sequences`
    layer: nn.RNNBase  # the last layer, which has the directions
    output: Tensor | PackedSequence | Sequences
    state: Any  # the layer's final state; None for an encoder

    @property
    def values(self) -> Tensor:
        """The states in the layout of the output."""
        if isinstance(self.output, PackedSequence):
            return self.output.data
        return self.output.values if isinstance(self.output, Sequences) else self.output

    @property
    def final(self) -> Tensor | None:
        """The final hidden state, (layers * directions, batch, hidden_size); None for an encoder."""
        final: Tensor | None = self.state[0] if isinstance(self.state, tuple) else self.state
        return final

    def plus(self, change: Tensor) -> Any:
        """Return what the module would have returned with other states."""
        if isinstance(self.output, Sequences):
            return self.output.with_values(self.output.values + change)
        if isinstance(self.output, PackedSequence):
            return self.output._replace(data=self.output.data + change), self.state
        return self.output + change, self.state

    def by_row(self, gradient: Tensor) -> Tensor:
        """Return a gradient of `values` as (batch, time, unit), zero after the end of a row."""
        if isinstance(self.output, PackedSequence):
            return pad_packed_sequence(self.output._replace(data=gradient), batch_first=True)[0]
        if isinstance(self.output, Sequences):
            rows = torch.split(gradient, self.output.lengths.tolist())
            return nn.utils.rnn.pad_sequence(list(rows), batch_first=True)
        return gradient if self.layer.batch_first else gradient.transpose(0, 1)


def recurrent_layers(module: nn.Module) -> list[nn.RNNBase]:
    """Return torch's recurrent layers in a module."""
    return [layer for layer in module.modules() if isinstance(layer, nn.RNNBase)]


def last_states(module: nn.Module, call: Callable[[], Any]) -> tuple[States | None, Any]:
    """Return the states of the recurrent layer that a call of a module runs last, and what the call returns.

    An encoder that returns `Sequences` is watched from outside. Compiled kernels read the weights of its layers and do not
    call them: with hooks on layers, they refuse to run.
    """
    holders = [part for part in module.modules() if not isinstance(part, nn.RNNBase)]
    encoders: list[nn.Module] = []
    with _hooked([part for part in holders if recurrent_layers(part)]) as seen:
        call()
    for part, result in seen:
        if isinstance(result, Sequences) and result.n_features == _width(recurrent_layers(part)[-1]):
            encoders.append(part)
    inside = {layer for encoder in encoders for layer in recurrent_layers(encoder)}
    layers = [layer for layer in recurrent_layers(module) if layer not in inside]
    with _hooked([*encoders, *layers]) as seen:
        returned = call()
    return (_states(*seen[-1]) if seen else None), returned


@contextmanager
def _hooked(modules: list[nn.Module]) -> Iterator[list[tuple[nn.Module, Any]]]:
    """Record the result of each call of these modules."""
    seen: list[tuple[nn.Module, Any]] = []
    hooks = [
        part.register_forward_hook(lambda part, _, result: seen.append((part, result))) for part in modules
    ]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def _states(module: nn.Module, result: Any) -> States:
    output, state = (result, None) if isinstance(result, Sequences) else result
    return States(module=module, layer=recurrent_layers(module)[-1], output=output, state=state)


def _width(layer: nn.RNNBase) -> int:
    return layer.hidden_size * (2 if layer.bidirectional else 1)
