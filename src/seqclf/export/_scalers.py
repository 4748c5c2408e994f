"""`ZScore` and `MinMax` in a graph: measured and scaled in float64, as outside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf.export._exporters import TRANSFORMERS
from seqclf.export._graph import DOUBLE, FLOAT, Graph
from seqclf.export._steps import Steps, is_real, squeeze, unsqueeze
from seqclf.transforms import MinMax, ZScore


@TRANSFORMERS.of(ZScore)
def zscore(graph: Graph, scaler: ZScore, steps: Steps, place: str) -> Steps:
    """Scale features by mean and deviation, and append both as static features if wanted."""
    values = graph.cast(steps.values, DOUBLE)
    static = [] if steps.static is None else [graph.cast(steps.static, DOUBLE)]
    if scaler.per == "feature":
        centre, divisor = (
            graph.constant(scaler.mean_.numpy()),
            graph.constant(_divisor(scaler.scale_.numpy())),
        )
    else:
        centre, deviation = _moments(graph, values, steps)
        divisor = _divisors(graph, deviation)
        if scaler.append_statistics:
            static += _statistics(graph, scaler, centre, deviation, steps)
    scaled = _scaled(graph, values, centre, divisor)
    return replace(steps, values=scaled, dtype=FLOAT, static=_scaled_static(graph, scaler, static))


@TRANSFORMERS.of(MinMax)
def _minmax(graph: Graph, scaler: MinMax, steps: Steps, place: str) -> Steps:
    values = graph.cast(steps.values, DOUBLE)
    if scaler.per == "feature":
        low, divisor = (
            graph.constant(scaler.data_min_.numpy()),
            graph.constant(_divisor(scaler.data_range_.numpy())),
        )
    else:
        seen = observed(graph, values, steps)
        low, high = (
            graph.reduce(operator, graph.add("Where", seen, values, graph.constant(fill, DOUBLE)), 0)
            for operator, fill in (("ReduceMin", np.inf), ("ReduceMax", -np.inf))
        )
        divisor = _divisors(graph, graph.add("Sub", high, low))
    static = [] if steps.static is None else [graph.cast(steps.static, DOUBLE)]
    scaled_static = _scaled_static(graph, scaler, static)
    return replace(
        steps,
        values=_placed(graph, scaler, _scaled(graph, values, low, divisor)),
        dtype=FLOAT,
        static=None if scaled_static is None else _placed(graph, scaler, scaled_static),
    )


def observed(graph: Graph, values: str, steps: Steps) -> str:
    """Return which values are neither padding nor NaN, bool of the shape of `values`."""
    return graph.add("And", is_real(graph, steps), graph.add("Not", graph.add("IsNaN", values)))


def _moments(graph: Graph, values: str, steps: Steps) -> tuple[str, str]:
    """Return mean and standard deviation of each sequence and feature, (batch, n_features); NaN if nothing was observed.

    Relative to its first observed value a constant is exactly 0, so its deviation is, too.
    """
    seen = observed(graph, values, steps)
    zero = graph.constant(0.0, DOUBLE)

    def total(tensor: str) -> str:
        return graph.reduce("ReduceSum", graph.add("Where", seen, tensor, zero), 0)

    count = graph.reduce("ReduceSum", graph.cast(seen, DOUBLE), 0)
    place = graph.add("ArgMax", graph.cast(seen, FLOAT), axis=0, keepdims=1)
    first = squeeze(graph, graph.add("GatherElements", values, place, axis=0), 0)
    shifted = graph.add("Sub", values, first)
    mean = graph.add("Div", total(shifted), count)
    centred = graph.add("Sub", shifted, mean)
    variance = graph.add("Div", total(graph.add("Mul", centred, centred)), count)
    return graph.add("Add", first, mean), graph.add("Sqrt", variance)


def _statistics(graph: Graph, scaler: ZScore, mean: str, deviation: str, steps: Steps) -> list[str]:
    """Return the mean and the logarithms of deviation and length of each sequence."""
    floor = 1e-3 * scaler.scale_.numpy()
    shifted = graph.add("Add", deviation, graph.constant(np.where(floor > 0, floor, 1.0)))
    length = unsqueeze(graph, graph.cast(steps.lengths, DOUBLE), 1)
    return [mean, graph.add("Log", shifted), graph.add("Log", length)]


def _scaled_static(graph: Graph, scaler: Any, static: list[str]) -> str | None:
    """Return static features, scaled by what the scaler has measured of them; NaN becomes 0."""
    if not static:
        return None
    centre, scale = (one.numpy() for one in scaler._static)
    together = graph.concat(static, 1)
    scaled = _scaled(graph, together, graph.constant(centre), graph.constant(_divisor(scale)))
    return graph.add("Where", graph.add("IsNaN", together), graph.constant(0.0, FLOAT), scaled)


def _scaled(graph: Graph, values: str, centre: str, divisor: str) -> str:
    return graph.cast(graph.add("Div", graph.add("Sub", values, centre), divisor), FLOAT)


def _placed(graph: Graph, scaler: MinMax, values: str) -> str:
    low, high = (float(one) for one in scaler.feature_range)
    product = graph.add("Mul", values, graph.constant(high - low, FLOAT))
    return graph.add("Add", product, graph.constant(low, FLOAT))


def _divisor(scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return scales; a constant is only shifted."""
    return np.where(scale > 0, scale, 1.0)


def _divisors(graph: Graph, scale: str) -> str:
    varies = graph.add("Greater", scale, graph.constant(0.0, DOUBLE))
    return graph.add("Where", varies, scale, graph.constant(1.0, DOUBLE))
