"""`Downsample` in a graph."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from seqclf.export._exporters import TRANSFORMERS
from seqclf.export._graph import DOUBLE, INT64, Graph
from seqclf.export._steps import Steps, clamped, no_features, take, times, unsqueeze
from seqclf.transforms import Downsample

FILLS = {"mean": 0.0, "min": np.inf, "max": -np.inf}
OPERATORS = {"mean": "ReduceSum", "min": "ReduceMin", "max": "ReduceMax"}


@TRANSFORMERS.of(Downsample)
def _downsample(graph: Graph, transformer: Downsample, steps: Steps, place: str) -> Steps:
    factors = _factors(graph, transformer, steps)
    fewer = replace(steps, lengths=_ceil(graph, steps.lengths, factors), longest=_longest(transformer, steps))
    starts = graph.add("Mul", times(graph, fewer), unsqueeze(graph, factors, 0))  # (windows, batch)
    if transformer.aggregation not in FILLS:
        index = starts
        if transformer.aggregation == "last":
            end = graph.add("Add", starts, unsqueeze(graph, factors, 0))
            index = graph.add("Sub", end, graph.constant(1, INT64))
        return _selected(graph, clamped(graph, index, steps), steps, fewer)
    return replace(fewer, values=_aggregated(graph, transformer, starts, factors, steps))


def _selected(graph: Graph, index: str, steps: Steps, fewer: Steps) -> Steps:
    if steps.width:
        values = take(graph, steps.values, index, steps.width, steps)
    else:
        values = no_features(graph, fewer, steps.dtype)
    codes = None if steps.codes is None else take(graph, steps.codes, index, steps.n_columns, steps)
    return replace(fewer, values=values, codes=codes)


def _aggregated(graph: Graph, transformer: Downsample, starts: str, factors: str, steps: Steps) -> str:
    """Return the mean, minimum or maximum of each window, (windows, batch, n_features)."""
    places = _places(graph, transformer, factors, steps)  # (places, 1): steps of the largest window
    inside = graph.add("Less", places, unsqueeze(graph, factors, 0))  # (places, batch)
    index = graph.add(
        "Add", unsqueeze(graph, starts, 1), unsqueeze(graph, places, 0)
    )  # (windows, places, batch)
    real = graph.add("And", graph.add("Less", index, steps.lengths), unsqueeze(graph, inside, 0))
    shape = graph.add("Shape", index)
    rows = graph.add(
        "Reshape", index, graph.concat([graph.constant([-1], INT64), graph.slice(shape, 2, 3, axis=0)], 0)
    )
    wide = graph.cast(take(graph, steps.values, clamped(graph, rows, steps), steps.width, steps), DOUBLE)
    windows = graph.add("Reshape", wide, graph.concat([shape, graph.constant([steps.width], INT64)], 0))
    kind = transformer.aggregation
    filled = graph.add("Where", unsqueeze(graph, real, 3), windows, graph.constant(FILLS[kind], DOUBLE))
    reduced = graph.reduce(OPERATORS[kind], filled, 1)
    if kind == "mean":
        count = graph.reduce("ReduceSum", graph.cast(real, DOUBLE), 1)
        reduced = graph.add("Div", reduced, unsqueeze(graph, count, 2))
    return graph.cast(reduced, steps.dtype)


def _factors(graph: Graph, transformer: Downsample, steps: Steps) -> str:
    """Return the steps in a window of each sequence, (batch,)."""
    factor = graph.add(
        "Expand", graph.constant(int(transformer.factor), INT64), graph.add("Shape", steps.lengths)
    )
    if transformer.max_length is None:
        return factor
    needed = _ceil(graph, steps.lengths, graph.constant(int(transformer.max_length), INT64))
    return graph.add("Max", factor, needed)


def _places(graph: Graph, transformer: Downsample, factors: str, steps: Steps) -> str:
    """Return the numbers of the steps in the largest window, from 0: (places, 1)."""
    if steps.longest is not None:
        return graph.constant(np.arange(_factor(transformer, steps.longest))[:, None], INT64)
    largest = graph.reduce("ReduceMax", factors, 0)
    numbers = graph.add("Range", graph.constant(0, INT64), largest, graph.constant(1, INT64))
    return unsqueeze(graph, numbers, 1)


def _longest(transformer: Downsample, steps: Steps) -> int | None:
    """Return the most windows that a sequence may have, if the number of its steps is limited."""
    if steps.longest is None:
        return None
    return max(-(-length // _factor(transformer, length)) for length in range(1, steps.longest + 1))


def _factor(transformer: Downsample, length: int) -> int:
    most = transformer.max_length
    return max(int(transformer.factor), 1 if most is None else -(-length // int(most)))


def _ceil(graph: Graph, lengths: str, divisor: str) -> str:
    """Return lengths / divisor, rounded up."""
    more = graph.add("Sub", graph.add("Add", lengths, divisor), graph.constant(1, INT64))
    return graph.add("Div", more, divisor)
