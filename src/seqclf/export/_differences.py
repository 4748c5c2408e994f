"""Differences and time since the previous step, in a graph."""

from __future__ import annotations

from dataclasses import replace

from seqclf.export._exporters import TRANSFORMERS
from seqclf.export._graph import DOUBLE, Graph
from seqclf.export._steps import Steps
from seqclf.transforms import Differences, TimeDeltas


@TRANSFORMERS.of(Differences)
def _differences(graph: Graph, transformer: Differences, steps: Steps, place: str) -> Steps:
    since = changes(graph, steps.values)
    if not transformer.append:
        return replace(steps, values=since)
    return replace(steps, values=graph.concat([steps.values, since], 2), width=2 * steps.width)


@TRANSFORMERS.of(TimeDeltas)
def _time_deltas(graph: Graph, transformer: TimeDeltas, steps: Steps, place: str) -> Steps:
    values, column = steps.values, int(transformer.column)
    since = changes(graph, graph.cast(graph.slice(values, column, column + 1, axis=2), DOUBLE))
    since = graph.cast(log1p(graph, since) if transformer.log else since, steps.dtype)
    if transformer.keep:
        return replace(steps, values=graph.concat([values, since], 2), width=steps.width + 1)
    before, after = graph.slice(values, 0, column, axis=2), graph.slice(values, column + 1, None, axis=2)
    return replace(steps, values=graph.concat([before, since, after], 2))


def changes(graph: Graph, values: str) -> str:
    """Return the difference of each step to the previous one, 0 at the first."""
    first, before_last = graph.slice(values, 0, 1, axis=0), graph.slice(values, 0, -1, axis=0)
    return graph.add("Sub", values, graph.concat([first, before_last], 0))


def log1p(graph: Graph, values: str) -> str:
    """Return log(1 + values), float64."""
    return graph.add("Log", graph.add("Add", values, graph.constant(1.0, DOUBLE)))
