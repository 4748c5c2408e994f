"""The inputs of a graph -> its batch of sequences."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from seqclf.export._graph import FLOAT, INT64, Graph
from seqclf.export._steps import Steps, clamped, masked, no_features, times, unsqueeze


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSizes:
    """What a model reads of each sequence."""

    n_features: int
    n_columns: int  # of tokens
    n_static_features: int
    dtype: np.dtype[Any]  # of the features


def ragged_inputs(graph: Graph, sizes: InputSizes) -> Steps:
    """Declare inputs that hold the steps of all sequences, concatenated, and where each sequence starts."""
    features, columns = _declare(graph, sizes, ("n_steps",))
    offsets = graph.input("offsets", INT64, ("n_offsets",))
    starts = graph.slice(offsets, 0, -1, axis=0)
    lengths = graph.add("Sub", graph.slice(offsets, 1, None, axis=0), starts)
    steps = _new_steps(graph, sizes, lengths, None)
    index = clamped(graph, times(graph, steps), steps)
    rows = graph.add("Add", unsqueeze(graph, starts, 0), index)  # (time, batch): rows of `values`
    values = graph.add("Gather", features, rows, axis=0) if features else steps.values
    codes = graph.add("Gather", columns, rows, axis=0) if columns else None
    return replace(steps, values=values, codes=codes)


def padded_inputs(graph: Graph, sizes: InputSizes, length: int) -> Steps:
    """Declare inputs that hold sequences padded to `length` steps, and how many steps of each are real."""
    features, columns = _declare(graph, sizes, ("n_sequences", length))
    steps = _new_steps(graph, sizes, graph.input("lengths", INT64, ("n_sequences",)), length)

    def cleared(tensor: str, dtype: np.dtype[Any]) -> str:
        return masked(graph, graph.add("Transpose", tensor, perm=(1, 0, 2)), steps, 0, dtype)

    values = cleared(features, sizes.dtype) if features else steps.values
    codes = cleared(columns, INT64) if columns else None
    return replace(steps, values=values, codes=codes)


def _declare(graph: Graph, sizes: InputSizes, shape: tuple[int | str, ...]) -> tuple[str | None, str | None]:
    """Declare values and tokens, of which a model may lack one."""
    n_features, n_columns = sizes.n_features, sizes.n_columns
    values = graph.input("values", sizes.dtype, (*shape, n_features)) if n_features else None
    return values, graph.input("tokens", INT64, (*shape, n_columns)) if n_columns else None


def _new_steps(graph: Graph, sizes: InputSizes, lengths: str, longest: int | None) -> Steps:
    """Return steps without features, tensors of width 0, so that transformers need not distinguish them."""
    width = sizes.n_static_features
    steps = Steps(
        values=lengths,
        width=sizes.n_features,
        dtype=sizes.dtype,
        lengths=lengths,
        longest=longest,
        n_columns=sizes.n_columns,
        static=graph.input("static", FLOAT, ("n_sequences", width)) if width else None,
    )
    return replace(steps, values=no_features(graph, steps, sizes.dtype))
