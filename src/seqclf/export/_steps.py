"""A batch of sequences inside of a graph: what `Sequences` are outside of it.

Time is the first axis, as recurrent operators of ONNX want it, and sequences that are shorter than the longest one are padded. What
a padded step holds is not defined (it is finite where real steps are), so whatever combines several steps masks it first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from seqclf.export._graph import FLOAT, INT64, Graph


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The names of the tensors of a batch."""

    values: str  # (time, batch, width)
    width: int
    dtype: np.dtype[Any]  # of `values`
    lengths: str  # (batch,) int64
    longest: int | None = None  # size of the time axis; None: the largest of `lengths`
    codes: str | None = None  # (time, batch, n_columns) int64
    n_columns: int = 0
    static: str | None = None  # (batch, n_static_features) float32


def times(graph: Graph, steps: Steps) -> str:
    """Return the number of each step, from 0: (time, 1) int64."""
    if steps.longest is not None:
        return graph.constant(np.arange(steps.longest)[:, None], INT64)
    longest = graph.reduce("ReduceMax", steps.lengths, 0)
    numbers = graph.add("Range", graph.constant(0, INT64), longest, graph.constant(1, INT64))
    return unsqueeze(graph, numbers, 1)


def is_real(graph: Graph, steps: Steps) -> str:
    """Return which steps are real: (time, batch, 1) bool."""
    real = graph.add("Less", times(graph, steps), unsqueeze(graph, steps.lengths, 0))
    return unsqueeze(graph, real, 2)


def no_features(graph: Graph, steps: Steps, dtype: np.dtype[Any]) -> str:
    """Return features of steps that have none, (time, batch, 0)."""
    return graph.cast(graph.slice(is_real(graph, steps), 0, 0, axis=2), dtype)


def masked(graph: Graph, tensor: str, steps: Steps, fill: float, dtype: np.dtype[Any] = FLOAT) -> str:
    """Return the tensor, (time, batch, any), with `fill` at padded steps."""
    return graph.add("Where", is_real(graph, steps), tensor, graph.constant(fill, dtype))


def clamped(graph: Graph, index: str, steps: Steps) -> str:
    """Return step numbers, (any, batch), limited to the real steps of each sequence."""
    last = graph.add("Sub", steps.lengths, graph.constant(1, INT64))
    return graph.add("Min", index, unsqueeze(graph, last, 0))


def take(graph: Graph, tensor: str, index: str, width: int, steps: Steps) -> str:
    """Return the steps with these numbers, (any, batch), of a tensor of shape (time, batch, width): (any, batch, width)."""
    rows = graph.add("Reshape", tensor, graph.constant([-1, width], INT64))
    size = graph.add("Shape", steps.lengths)
    batch = graph.add("Squeeze", size)
    numbers = graph.add("Range", graph.constant(0, INT64), batch, graph.constant(1, INT64))
    row = graph.add("Add", graph.add("Mul", index, size), numbers)
    return graph.add("Gather", rows, row, axis=0)


def at_each_step(graph: Graph, tensor: str, width: int, steps: Steps) -> str:
    """Repeat features of whole sequences, (batch, width), at each step: (time, batch, width)."""
    n_times = graph.slice(graph.add("Shape", times(graph, steps)), 0, 1, axis=0)
    shape = graph.concat([n_times, graph.constant([1, width], INT64)], 0)
    return graph.add("Expand", unsqueeze(graph, tensor, 0), shape)


def unsqueeze(graph: Graph, tensor: str, axis: int) -> str:
    """Insert an axis of size 1."""
    return graph.add("Unsqueeze", tensor, graph.constant([axis], INT64))


def squeeze(graph: Graph, tensor: str, axis: int) -> str:
    """Remove an axis of size 1."""
    return graph.add("Squeeze", tensor, graph.constant([axis], INT64))
