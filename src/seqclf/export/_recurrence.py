"""Recurrent layers in a graph.

Differences between the two formats: ONNX orders the gates of a GRU as z, r, h (torch: r, z, n) and those of an LSTM as i, o, f, c
(torch: i, f, g, o), and stacks directions. torch's GRU is the variant `linear_before_reset=1`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from seqclf.export._exporters import SEQUENCE_MODULES
from seqclf.export._graph import INT64, Graph
from seqclf.export._rows import array, export_head
from seqclf.export._steps import Steps, squeeze
from seqclf.nn import RecurrentEncoder

INT32 = np.dtype(np.int32)
OPERATORS: list[tuple[type[nn.RNNBase], str, tuple[int, ...]]] = [
    (nn.RNN, "RNN", (0,)),
    (nn.GRU, "GRU", (1, 0, 2)),
    (nn.LSTM, "LSTM", (0, 3, 1, 2)),
]
"""Layer of torch, operator of ONNX, and the places of the operator's gates in torch's order."""


@SEQUENCE_MODULES.of(RecurrentEncoder)
def _encoder(graph: Graph, encoder: RecurrentEncoder, steps: Steps, place: str) -> Steps:
    def normed(data: str, depth: int) -> str:
        norms = encoder.norms
        return export_head(graph, norms[depth], data, f"{place}.norms[{depth}]") if len(norms) else data

    data = steps.values
    for depth, layer in enumerate(encoder.layers):
        assert isinstance(layer, nn.RNNBase)
        states = _layer(graph, layer, normed(data, depth - 1) if depth else data, steps)
        data = graph.add("Add", data, states) if encoder.residual and depth else states
    return replace(steps, values=normed(data, len(encoder.layers) - 1), width=encoder.output_size)


@SEQUENCE_MODULES.of(nn.Sequential)
def _sequential(graph: Graph, modules: nn.Sequential, steps: Steps, place: str) -> Steps:
    for number, module in enumerate(modules):
        steps = export_sequences(graph, module, steps, f"{place}[{number}]")
    return steps


def export_sequences(graph: Graph, module: nn.Module, steps: Steps, place: str) -> Steps:
    """Write any module that maps sequences to sequences."""
    result: Steps = SEQUENCE_MODULES.find(module, place)(graph, module, steps, place)
    return result


def _layer(graph: Graph, layer: nn.RNNBase, inputs: str, steps: Steps) -> str:
    """Return the states, (time, batch, directions * hidden)."""
    if steps.longest is None:
        ends = graph.cast(steps.lengths, INT32)
        suffixes = ["", "_reverse"] if layer.bidirectional else [""]
        return _operator(graph, layer, suffixes, inputs, ends)
    # An operator that knows no lengths: the reverse direction reads sequences that were reversed up to their real ends.
    states = [_operator(graph, layer, [""], inputs)]
    if layer.bidirectional:
        backward = _operator(graph, layer, ["_reverse"], _reversed(graph, inputs, steps))
        states.append(_reversed(graph, backward, steps))
    return graph.concat(states, 2)


def _operator(graph: Graph, layer: nn.RNNBase, suffixes: list[str], inputs: str, *ends: str) -> str:
    """Return the states of the directions with these suffixes; states after `ends`, (batch,), are 0."""
    operator, order = next((name, order) for kind, name, order in OPERATORS if isinstance(layer, kind))

    def stacked(name: str) -> NDArray[np.float32]:
        weights = (array(getattr(layer, f"{name}_l0{suffix}")) for suffix in suffixes)
        return np.stack([_reordered(one, order) for one in weights])

    constants = [graph.constant(stacked("weight_ih")), graph.constant(stacked("weight_hh"))]
    if layer.bias:
        constants.append(graph.constant(np.concatenate([stacked("bias_ih"), stacked("bias_hh")], axis=1)))
    elif ends:
        constants.append("")
    attributes: dict[str, Any] = {"linear_before_reset": 1} if operator == "GRU" else {}
    if isinstance(layer, nn.RNN) and layer.nonlinearity == "relu":
        attributes["activations"] = ("Relu",) * len(suffixes)
    direction = "bidirectional" if len(suffixes) == 2 else "forward"
    by_direction = graph.add(  # (time, directions, batch, hidden)
        operator, inputs, *constants, *ends, hidden_size=layer.hidden_size, direction=direction, **attributes
    )
    if len(suffixes) == 1:
        return squeeze(graph, by_direction, 1)
    turned = graph.add("Transpose", by_direction, perm=(0, 2, 1, 3))
    return graph.add("Reshape", turned, graph.constant([0, 0, 2 * layer.hidden_size], INT64))


def _reversed(graph: Graph, tensor: str, steps: Steps) -> str:
    return graph.add("ReverseSequence", tensor, steps.lengths, time_axis=0, batch_axis=1)


def _reordered(weights: NDArray[np.float32], order: tuple[int, ...]) -> NDArray[np.float32]:
    gates = np.split(weights, len(order))
    return np.concatenate([gates[gate] for gate in order])
