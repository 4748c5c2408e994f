"""The convolutional stem in a graph."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from seqclf.export._exporters import SEQUENCE_MODULES
from seqclf.export._graph import FLOAT, INT64, Graph
from seqclf.export._rows import array, export_head
from seqclf.export._steps import Steps, masked
from seqclf.nn import ConvolutionalStem


@SEQUENCE_MODULES.of(ConvolutionalStem)
def _stem(graph: Graph, stem: ConvolutionalStem, steps: Steps, place: str) -> Steps:
    for number, layer in enumerate(stem.layers):
        steps = _layer(graph, layer, steps, f"{place}.layers[{number}]")
    return steps


def _layer(graph: Graph, layer: Any, steps: Steps, place: str) -> Steps:
    size, stride, half = layer.kernel_size, layer.stride, layer.kernel_size // 2
    weight = array(layer.linear.weight)  # (outputs, size * inputs), as windows are flattened
    kernel = weight.reshape(len(weight), size, steps.width).transpose(0, 2, 1)
    # A window reads zeros after the end of its sequence, not what the layer before has written there.
    zeroed = masked(graph, steps.values, steps, 0.0)
    channels_first = graph.add("Transpose", zeroed, perm=(1, 2, 0))
    inputs = [channels_first, graph.constant(kernel)]
    if layer.linear.bias is not None:
        inputs.append(graph.constant(array(layer.linear.bias)))
    convolved = graph.add("Conv", *inputs, kernel_shape=(size,), strides=(stride,), pads=(half, half))
    rows = graph.add("Transpose", convolved, perm=(2, 0, 1))
    normed = export_head(graph, layer.norm, rows, f"{place}.norm")
    return replace(
        steps,
        values=graph.add("Relu", normed),
        width=len(weight),
        dtype=FLOAT,
        lengths=_ceil(graph, steps.lengths, stride),
        longest=None if steps.longest is None else -(-steps.longest // stride),
    )


def _ceil(graph: Graph, lengths: str, stride: int) -> str:
    more = graph.add("Add", lengths, graph.constant(stride - 1, INT64))
    return graph.add("Div", more, graph.constant(stride, INT64))
