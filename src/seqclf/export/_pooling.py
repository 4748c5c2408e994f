"""Poolings in a graph: states -> one summary per sequence."""

from __future__ import annotations

import numpy as np
from torch import nn

from seqclf.export._exporters import POOLINGS
from seqclf.export._graph import FLOAT, INT64, Graph
from seqclf.export._rows import export_head
from seqclf.export._steps import Steps, masked, squeeze, take, unsqueeze
from seqclf.nn import AttentionPooling, ConcatPooling, LastState, MaxPooling, MeanPooling


def export_pooling(graph: Graph, pooling: nn.Module, states: Steps, place: str) -> str:
    """Write any pooling; return the name of the summaries, (batch, any)."""
    summaries: str = POOLINGS.find(pooling, place)(graph, pooling, states, place)
    return summaries


@POOLINGS.of(LastState)
def _last(graph: Graph, pooling: LastState, states: Steps, place: str) -> str:
    values, width = states.values, states.width
    end = unsqueeze(graph, graph.add("Sub", states.lengths, graph.constant(1, INT64)), 0)
    last = squeeze(graph, take(graph, values, end, width, states), 0)
    if not pooling.bidirectional:
        return last
    first = squeeze(graph, graph.slice(values, 0, 1, axis=0), 0)
    half = width // 2
    return graph.concat([graph.slice(last, 0, half, axis=1), graph.slice(first, half, None, axis=1)], 1)


@POOLINGS.of(MeanPooling)
def _mean(graph: Graph, pooling: MeanPooling, states: Steps, place: str) -> str:
    total = graph.reduce("ReduceSum", masked(graph, states.values, states, 0.0), 0)
    return graph.add("Div", total, unsqueeze(graph, graph.cast(states.lengths, FLOAT), 1))


@POOLINGS.of(MaxPooling)
def _max(graph: Graph, pooling: MaxPooling, states: Steps, place: str) -> str:
    return graph.reduce("ReduceMax", masked(graph, states.values, states, -np.inf), 0)


@POOLINGS.of(AttentionPooling)
def _attention(graph: Graph, pooling: AttentionPooling, states: Steps, place: str) -> str:
    values = masked(graph, states.values, states, 0.0)
    hidden = graph.add("Tanh", export_head(graph, pooling.project, values, f"{place}.project"))
    scores = export_head(graph, pooling.score, hidden, f"{place}.score")  # (time, batch, 1)
    weights = graph.add("Softmax", masked(graph, scores, states, -np.inf), axis=0)
    return graph.reduce("ReduceSum", graph.add("Mul", weights, values), 0)


@POOLINGS.of(ConcatPooling)
def _concat(graph: Graph, pooling: ConcatPooling, states: Steps, place: str) -> str:
    parts = enumerate(pooling.parts)
    return graph.concat([export_pooling(graph, part, states, f"{place}.parts[{i}]") for i, part in parts], 1)
