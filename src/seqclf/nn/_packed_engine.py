"""`torch.nn` on packed sequences: the engine of GPUs, and the fallback everywhere."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from seqclf.sequences import PackingOrder, Sequences, packing_order

_BLOCK = 16
"""Time steps per call on a CPU. In torch's backward pass the gradient of each step's slice is a zero tensor as long as the
whole input, so the cost is quadratic in time (pytorch#149194, open in 2.13). In blocks of 16 it is linear, and a training step
of 2 x 64 units is 2 to 3 times as fast. Blocks of 8 to 32 are within 15 % of each other."""


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

    def run_layer(self, layer: nn.RNNBase, inputs: Tensor) -> Tensor:
        """Return the states of one layer in packed order, (n_steps, directions * hidden_size)."""
        if inputs.device.type == "cpu":
            return _run_layer_in_blocks(layer, inputs, self._order, self._mirror)
        packed: PackedSequence = layer(PackedSequence(inputs, self._order.batch_sizes))[0]
        return packed.data

    def restore_order(self, states: Tensor) -> Tensor:
        """Return packed states in the order of the batch."""
        return states.index_select(0, self._order.inverse)


def _run_layer_in_blocks(layer: nn.RNNBase, data: Tensor, order: PackingOrder, mirror: Tensor) -> Tensor:
    """Run each direction of one layer."""
    states = _run_direction(layer, "", data, order)
    if not layer.bidirectional:
        return states
    backward = _run_direction(layer, "_reverse", data.index_select(0, mirror), order)
    return torch.cat([states, backward.index_select(0, mirror)], dim=1)


def _run_direction(layer: nn.RNNBase, suffix: str, data: Tensor, order: PackingOrder) -> Tensor:
    """Run one direction over packed data, block of time steps by block of time steps."""
    names = ["weight_ih_l0", "weight_hh_l0"] + (["bias_ih_l0", "bias_hh_l0"] if layer.bias else [])
    weights: list[Tensor] = [getattr(layer, name + suffix) for name in names]
    blocks = torch.split(order.batch_sizes, _BLOCK)
    state = data.new_zeros(1, int(order.batch_sizes[0]), layer.hidden_size)
    memory = state  # the LSTM's cell state; other cells do not use it
    outputs = []
    for steps, piece in zip(blocks, torch.split(data, [int(block.sum()) for block in blocks]), strict=True):
        # Sequences are sorted by length: the first ones are those that reach this block.
        n_active = int(steps[0])
        state, memory = state[:, :n_active], memory[:, :n_active]
        options = (layer.bias, 1, 0.0, layer.training, False)
        if isinstance(layer, nn.LSTM):
            output, state, memory = torch.lstm(piece, steps, (state, memory), weights, *options)
        elif isinstance(layer, nn.GRU):
            output, state = torch.gru(piece, steps, state, weights, *options)
        elif layer.mode == "RNN_TANH":
            output, state = torch.rnn_tanh(piece, steps, state, weights, *options)
        else:
            output, state = torch.rnn_relu(piece, steps, state, weights, *options)
        outputs.append(output)
    return torch.cat(outputs)
