"""`torch.nn` on packed sequences: the engine of GPUs, and the fallback everywhere."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from seqclf.kernels import RecurrentState
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
        start = self._start(layer, inputs, initial)
        if inputs.device.type == "cpu":
            states, final = _run_layer_in_blocks(layer, inputs, self._order, self._mirror, start)
        else:
            packed = PackedSequence(inputs, self._order.batch_sizes)
            output, parts = layer(packed, tuple(start) if isinstance(layer, nn.LSTM) else start[0])
            states, final = output.data, list(parts) if isinstance(layer, nn.LSTM) else [parts]
        batch = (part.transpose(0, 1).flatten(1) for part in final)  # (n_sequences, directions * hidden_size)
        return states, RecurrentState(*(part.index_select(0, self._order.unsorted_indices) for part in batch))

    def _start(self, layer: nn.RNNBase, inputs: Tensor, initial: RecurrentState | None) -> _State:
        """Return the parts of the initial state as torch takes them: (directions, n_sequences, hidden_size), packed order."""
        directions = 2 if layer.bidirectional else 1
        if initial is None:
            shape = (directions, len(self._order.sorted_indices), layer.hidden_size)
            return [inputs.new_zeros(shape)] * (2 if isinstance(layer, nn.LSTM) else 1)
        ordered = [part.index_select(0, self._order.sorted_indices) for part in initial if part is not None]
        split = (part.view(-1, directions, layer.hidden_size) for part in ordered)
        return [part.transpose(0, 1).contiguous() for part in split]

    def restore_order(self, states: Tensor) -> Tensor:
        """Return packed states in the order of the batch."""
        return states.index_select(0, self._order.inverse)


def _run_layer_in_blocks(
    layer: nn.RNNBase, data: Tensor, order: PackingOrder, mirror: Tensor, start: _State
) -> tuple[Tensor, _State]:
    """Run each direction of one layer."""
    forward, final = _run_direction(layer, "", data, order, [part[:1] for part in start])
    if not layer.bidirectional:
        return forward, final
    mirrored, start = data.index_select(0, mirror), [part[1:] for part in start]
    backward, final_backward = _run_direction(layer, "_reverse", mirrored, order, start)
    states = torch.cat([forward, backward.index_select(0, mirror)], dim=1)
    return states, [torch.cat(both) for both in zip(final, final_backward, strict=True)]


def _run_direction(
    layer: nn.RNNBase, suffix: str, data: Tensor, order: PackingOrder, state: _State
) -> tuple[Tensor, _State]:
    """Run one direction over packed data, block of time steps by block of time steps."""
    names = ["weight_ih_l0", "weight_hh_l0"] + (["bias_ih_l0", "bias_hh_l0"] if layer.bias else [])
    weights: list[Tensor] = [getattr(layer, name + suffix) for name in names]
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
