"""The compiled kernels over ragged rows: the engine of CPUs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

from seqclf.kernels import Precision, PreparedLayer, RecurrentCell, RecurrentState, recurrence, status
from seqclf.nn._layers import weights_of
from seqclf.sequences import Sequences

_CELLS: dict[str, RecurrentCell] = {"RNN_TANH": "tanh", "RNN_RELU": "relu", "GRU": "gru", "LSTM": "lstm"}


class NativeEngine:
    """Runs each layer as one operator over the ragged values; nothing is packed."""

    name = "native"
    precision: ClassVar[Precision] = "float32"

    def __init__(self, batch: Sequences) -> None:
        self.values = batch.values
        self._offsets = batch.offsets

    @staticmethod
    def supports(weight: Tensor) -> bool:
        """Return whether layers with these weights run here."""
        return weight.device.type == "cpu" and weight.dtype == torch.float32 and status().available

    def run_layer(
        self, layer: nn.RNNBase, inputs: Tensor, initial: RecurrentState | None = None
    ) -> tuple[Tensor, RecurrentState]:
        """Return the states of one layer, (n_steps, directions * hidden_size), and its final state."""
        return recurrence(
            inputs,
            self._offsets,
            weights_of(layer),
            cell=_CELLS[layer.mode],
            bidirectional=layer.bidirectional,
            precision=self.precision,
            initial=initial,
        )

    def restore_order(self, states: Tensor) -> Tensor:
        """Return the states as they are: the order is that of the batch."""
        return states


class BFloat16Engine(NativeEngine):
    """The same kernels with matrix products in bfloat16."""

    precision: ClassVar[Precision] = "bfloat16"

    @staticmethod
    def supports(weight: Tensor) -> bool:
        """Return whether layers with these weights run here."""
        return NativeEngine.supports(weight) and "bfloat16" in status().precisions


class PreparedEngine(NativeEngine):
    """The same kernels with copies of the weights, for many short calls of layers of one direction."""

    def __init__(self, batch: Sequences, layers: Mapping[nn.Module, PreparedLayer]) -> None:
        super().__init__(batch)
        self._layers = layers

    def run_layer(
        self, layer: nn.RNNBase, inputs: Tensor, initial: RecurrentState | None = None
    ) -> tuple[Tensor, RecurrentState]:
        """Return the states of one layer and its final state, as `NativeEngine` does."""
        return self._layers[layer](inputs, self._offsets, initial)


def prepared_layers(layers: nn.ModuleList, precision: Precision) -> dict[nn.Module, PreparedLayer]:
    """Return each layer with copies of its weights."""
    return {
        layer: PreparedLayer(weights_of(layer), cell=_CELLS[layer.mode], precision=precision)
        for layer in layers
        if isinstance(layer, nn.RNNBase)
    }
