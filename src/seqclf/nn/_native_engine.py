"""The compiled kernels on ragged rows: the engine of CPUs."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from seqclf.kernels import RecurrentCell, recurrence, status
from seqclf.nn._stack import Stack
from seqclf.sequences import Sequences

_CELLS: dict[str, RecurrentCell] = {"RNN_TANH": "tanh", "RNN_RELU": "relu", "GRU": "gru", "LSTM": "lstm"}


class NativeEngine:
    """Runs each layer as one operator; rows go through all their own steps, and nothing is packed."""

    name = "native"

    def runs(self, weight: Tensor) -> bool:
        """Tell whether layers of such weights can be run here."""
        return weight.device.type == "cpu" and weight.dtype == torch.float32 and status().available

    def __call__(self, stack: Stack, batch: Sequences) -> Tensor:
        """Return what the stack makes of the batch, one row per step."""

        def run_layer(layer: nn.RNNBase, data: Tensor) -> Tensor:
            return recurrence(
                data,
                batch.offsets,
                _weights_of(layer),
                cell=_CELLS[layer.mode],
                bidirectional=layer.bidirectional,
            )

        return stack(run_layer, batch.values)


def _weights_of(layer: nn.RNNBase) -> list[Tensor]:
    names = ["weight_ih_l0", "weight_hh_l0"] + (["bias_ih_l0", "bias_hh_l0"] if layer.bias else [])
    suffixes = ["", "_reverse"] if layer.bidirectional else [""]
    return [getattr(layer, name + suffix) for suffix in suffixes for name in names]
