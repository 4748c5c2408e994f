"""`torch.nn` on packed sequences: the engine of GPUs, and the fallback everywhere."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from seqclf.kernels import Precision, RecurrentState, is_of_transform
from seqclf.nn._layers import hook_of, release_graph, weights_of
from seqclf.sequences import PackingOrder, Sequences, packing_order

_BLOCK = 16
"""Time steps per call on a CPU. In torch's backward pass the gradient of each step's slice is a zero tensor as long as the
whole input, so the cost is quadratic in time (pytorch#149194, open in 2.13). In blocks of 16 it is linear, and a training step
of 2 x 64 units is 2 to 3 times as fast. Blocks of 8 to 32 are within 15 % of each other."""

_State = list[Tensor]
"""Hidden states and, for an LSTM, cell states: (directions, n_sequences, hidden_size)."""


class PackedEngine:
    """Packs the batch once for all layers: cuDNN on a GPU, torch's own loops on a CPU."""

    name = "packed"
    precision: ClassVar[Precision] = "float32"

    def __init__(self, batch: Sequences) -> None:
        self._order = packing_order(batch.offsets)
        # Exchanges each sequence's first step with its last, within the packed order.
        self._mirror = self._order.inverse[packing_order(batch.offsets, reverse=True).index]
        self.values = batch.values.index_select(0, self._order.index)

    @staticmethod
    def supports(weight: Tensor) -> bool:
        """Return True: torch runs layers with any weights."""
        return True

    def run_layer(
        self, layer: nn.RNNBase, inputs: Tensor, initial: RecurrentState | None = None
    ) -> tuple[Tensor, RecurrentState]:
        """Return the states of one layer in packed order, (n_steps, directions * hidden_size), and its final state."""
        parts = _parts_of(layer, initial)
        if inputs.device.type == "cpu" and hook_of(layer) is None:
            states, final = self._run_in_blocks(layer, inputs, parts)
        else:
            states, final = self._call(layer, inputs, parts)
        return states, RecurrentState(*(part.transpose(0, 1).flatten(1) for part in final))

    def _run_in_blocks(
        self, layer: nn.RNNBase, inputs: Tensor, parts: _State | None
    ) -> tuple[Tensor, _State]:
        order = self._order
        if parts is None:
            shape = (2 if layer.bidirectional else 1, len(order.sorted_indices), layer.hidden_size)
            parts = [inputs.new_zeros(shape)] * (2 if isinstance(layer, nn.LSTM) else 1)
        start = [part.index_select(1, order.sorted_indices) for part in parts]
        try:
            states, final = _run_layer_in_blocks(layer, inputs, order, self._mirror, start)
        except RuntimeError as error:
            if is_of_transform(error):
                raise NotImplementedError(
                    "Of the transforms of torch.func, torch's layers on packed sequences support `functional_call` alone; got "
                    "another. Use torch.autograd (`grad`, `functional.hessian`), or engine='native' for `vmap`."
                ) from error
            raise
        return states, [part.index_select(1, order.unsorted_indices) for part in final]

    def _call(self, layer: nn.RNNBase, inputs: Tensor, parts: _State | None) -> tuple[Tensor, _State]:
        """Call the layer as torch's users do, for cuDNN and for hooks."""
        order = self._order
        packed = PackedSequence(inputs, order.batch_sizes, order.sorted_indices, order.unsorted_indices)
        is_lstm = isinstance(layer, nn.LSTM)
        result = layer(packed) if parts is None else layer(packed, tuple(parts) if is_lstm else parts[0])
        if not isinstance(result, tuple) or len(result) != 2 or not isinstance(result[0], PackedSequence):
            raise TypeError(
                "A hook of a recurrent layer must return None or what the layer returns, a PackedSequence and the final state; "
                f"got {type(result).__name__} from {hook_of(layer)}."
            )
        release_graph(layer)
        output, final = result
        return output.data, list(final) if is_lstm else [final]

    def restore_order(self, states: Tensor) -> Tensor:
        """Return packed states in the order of the batch."""
        return states.index_select(0, self._order.inverse)


def _parts_of(layer: nn.RNNBase, initial: RecurrentState | None) -> _State | None:
    """Return the initial state as torch takes it."""
    directions = 2 if layer.bidirectional else 1
    if initial is None:
        return None
    split = (part.view(-1, directions, layer.hidden_size) for part in initial if part is not None)
    return [part.transpose(0, 1).contiguous() for part in split]


def _run_layer_in_blocks(
    layer: nn.RNNBase, data: Tensor, order: PackingOrder, mirror: Tensor, start: _State
) -> tuple[Tensor, _State]:
    """Run each direction of one layer."""
    weights = weights_of(layer)
    per_direction = len(weights) // (2 if layer.bidirectional else 1)
    first = [part[:1] for part in start]
    forward, final = _run_direction(layer, weights[:per_direction], data, order, first)
    if not layer.bidirectional:
        return forward, final
    mirrored, start = data.index_select(0, mirror), [part[1:] for part in start]
    backward, final_backward = _run_direction(layer, weights[per_direction:], mirrored, order, start)
    states = torch.cat([forward, backward.index_select(0, mirror)], dim=1)
    return states, [torch.cat(both) for both in zip(final, final_backward, strict=True)]


def _run_direction(
    layer: nn.RNNBase, weights: list[Tensor], data: Tensor, order: PackingOrder, state: _State
) -> tuple[Tensor, _State]:
    """Run one direction over packed data, block of time steps by block of time steps."""
    blocks = torch.split(order.batch_sizes, _BLOCK)
    outputs, ended = [], []
    for steps, piece in zip(blocks, torch.split(data, [int(block.sum()) for block in blocks]), strict=True):
        # Sequences are sorted by length: the first ones are those that reach this block.
        n_active = int(steps[0])
        ended.append([part[:, n_active:] for part in state])
        state = [part[:, :n_active] for part in state]
        options = (layer.bias, 1, 0.0, layer.training, False)
        if isinstance(layer, nn.LSTM):
            output, *state = torch.lstm(piece, steps, state, weights, *options)
        elif isinstance(layer, nn.GRU):
            output, *state = torch.gru(piece, steps, state[0], weights, *options)
        elif layer.mode == "RNN_TANH":
            output, *state = torch.rnn_tanh(piece, steps, state[0], weights, *options)
        else:
            output, *state = torch.rnn_relu(piece, steps, state[0], weights, *options)
        outputs.append(output)
    final = [torch.cat(parts, dim=1) for parts in zip(state, *reversed(ended), strict=True)]
    return torch.cat(outputs), final
