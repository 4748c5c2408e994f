"""Modules that act on each row alone: linear maps, norms, activations; and the heads made of them."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from seqclf.export._exporters import HEADS
from seqclf.export._graph import Graph
from seqclf.nn import Dropout, Linear, LinearHead, MLPHead


def array(tensor: Tensor) -> NDArray[np.float32]:
    """Return weights as float32."""
    weights: NDArray[np.float32] = tensor.detach().to("cpu", torch.float32).numpy()
    return weights


def export_head(graph: Graph, module: nn.Module, rows: str, place: str) -> str:
    """Write any module that maps rows to rows."""
    result: str = HEADS.find(module, place)(graph, module, rows, place)
    return result


@HEADS.of(LinearHead)
def _linear_head(graph: Graph, head: LinearHead, summary: str, place: str) -> str:
    return export_head(graph, head.linear, summary, f"{place}.linear")


@HEADS.of(MLPHead)
def _mlp_head(graph: Graph, head: MLPHead, summary: str, place: str) -> str:
    hidden = export_head(graph, head.hidden, summary, f"{place}.hidden")
    return export_head(graph, head.linear, graph.add("Relu", hidden), f"{place}.linear")


@HEADS.of(nn.Sequential)
def _sequential(graph: Graph, modules: nn.Sequential, rows: str, place: str) -> str:
    for number, module in enumerate(modules):
        rows = export_head(graph, module, rows, f"{place}[{number}]")
    return rows


@HEADS.of(nn.Linear, Linear)
def _linear(graph: Graph, module: nn.Linear, rows: str, place: str) -> str:
    product = graph.add("MatMul", rows, graph.constant(array(module.weight).T))
    return product if module.bias is None else graph.add("Add", product, graph.constant(array(module.bias)))


@HEADS.of(nn.LayerNorm)
def _layer_norm(graph: Graph, norm: nn.LayerNorm, rows: str, place: str) -> str:
    size = norm.normalized_shape
    scale = np.ones(size, np.float32) if norm.weight is None else array(norm.weight)
    inputs = [graph.constant(scale)] + ([] if norm.bias is None else [graph.constant(array(norm.bias))])
    return graph.add("LayerNormalization", rows, *inputs, axis=-len(size), epsilon=norm.eps)


@HEADS.of(nn.ReLU, nn.Tanh)
def _activation(graph: Graph, module: nn.Module, rows: str, place: str) -> str:
    return graph.add({nn.ReLU: "Relu", nn.Tanh: "Tanh"}[type(module)], rows)


@HEADS.of(nn.Identity, nn.Dropout, Dropout)
def _nothing(graph: Graph, module: nn.Module, rows: str, place: str) -> str:
    return rows
