"""Missing values in a graph: filled in and marked."""

from __future__ import annotations

from dataclasses import replace

from seqclf.export._differences import log1p
from seqclf.export._exporters import TRANSFORMERS
from seqclf.export._graph import DOUBLE, INT64, Graph
from seqclf.export._steps import Steps, times, unsqueeze
from seqclf.transforms import FillMissing


@TRANSFORMERS.of(FillMissing)
def fill_missing(graph: Graph, transformer: FillMissing, steps: Steps, place: str) -> Steps:
    """Fill in missing values, and append whether and for how long they are missing."""
    values = steps.values
    filled, last = _carried(graph, transformer, steps)
    marked = transformer.missing_features_
    if not transformer.indicators or not len(marked):
        return replace(steps, values=filled)
    columns = graph.constant(marked, INT64)
    missing = graph.add("Gather", graph.add("IsNaN", values), columns, axis=2)
    elapsed = graph.add("Sub", _times(graph, transformer, steps), graph.add("Gather", last, columns, axis=2))
    since = log1p(graph, graph.add("Div", elapsed, graph.constant(transformer.interval_, DOUBLE)))
    appended = [graph.cast(one, steps.dtype) for one in (missing, since)]
    return replace(steps, values=graph.concat([filled, *appended], 2), width=steps.width + 2 * len(marked))


def _carried(graph: Graph, transformer: FillMissing, steps: Steps) -> tuple[str, str]:
    """Return values and times of the last observation at each step, (time, batch, n_features) each.

    Before the first one, these are the mean and the time of the first step.
    """
    values, time = steps.values, _times(graph, transformer, steps)
    batch = graph.add("Shape", steps.lengths)
    shape = graph.concat([batch, graph.constant([steps.width], INT64)], 0)
    mean = graph.constant(transformer.mean_.numpy(), steps.dtype)
    start = graph.add("Gather", time, graph.constant(0, INT64), axis=0)  # (batch or 1, 1)
    states = tuple(graph.add("Expand", one, shape) for one in (mean, start))
    body = _step(graph.opset, steps)
    *_, filled, last = graph.add_many("Scan", (*states, values, time), 4, body=body, num_scan_inputs=2)
    return filled, last


def _step(opset: int, steps: Steps) -> Graph:
    """Return what one step does: keep the observed values and their time, or else those of the step before."""
    body, shape = Graph(opset), ("batch", steps.width)
    known = body.input("known", steps.dtype, shape)
    since = body.input("since", DOUBLE, shape)
    value = body.input("value", steps.dtype, shape)
    time = body.input("time", DOUBLE, ("batch or 1", 1))
    missing = body.add("IsNaN", value)
    now = body.add("Where", missing, known, value)
    then = body.add("Where", missing, since, time)
    for name, tensor, dtype in (("now", now, steps.dtype), ("then", then, DOUBLE)):
        body.output(name, tensor, dtype, shape)
    for name, tensor, dtype in (("filled", now, steps.dtype), ("last", then, DOUBLE)):
        body.output(name, tensor, dtype, shape)
    return body


def _times(graph: Graph, transformer: FillMissing, steps: Steps) -> str:
    """Return the time of each step, (time, batch or 1, 1) float64."""
    if transformer.times is None:
        return unsqueeze(graph, graph.cast(times(graph, steps), DOUBLE), 2)
    column = int(transformer.times)
    return graph.cast(graph.slice(steps.values, column, column + 1, axis=2), DOUBLE)
