"""The inputs of a graph -> its batch of sequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from seqclf.export._graph import FLOAT, INT64, Graph
from seqclf.export._steps import Steps, clamped, masked, times, unsqueeze


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSizes:
    """What a model reads of each sequence."""

    n_features: int
    n_columns: int  # of tokens
    n_static_features: int
    dtype: np.dtype[Any]  # of the features


def ragged_inputs(graph: Graph, sizes: InputSizes) -> Steps:
    """Declare inputs that hold the steps of all sequences, concatenated, and where each sequence starts."""
    values = graph.input("values", sizes.dtype, ("n_steps", sizes.n_features)) if sizes.n_features else None
    offsets = graph.input("offsets", INT64, ("n_offsets",))
    codes = graph.input("tokens", INT64, ("n_steps", sizes.n_columns)) if sizes.n_columns else None
    starts = graph.slice(offsets, 0, -1, axis=0)
    lengths = graph.add("Sub", graph.slice(offsets, 1, None, axis=0), starts)
    steps = Steps(values=None, width=sizes.n_features, dtype=sizes.dtype, lengths=lengths)
    index = clamped(graph, times(graph, steps), steps)
    rows = graph.add("Add", unsqueeze(graph, starts, 0), index)  # (time, batch): rows of `values`

    def gathered(tensor: str | None) -> str | None:
        return None if tensor is None else graph.add("Gather", tensor, rows, axis=0)

    return Steps(
        values=gathered(values),
        width=sizes.n_features,
        dtype=sizes.dtype,
        lengths=lengths,
        codes=gathered(codes),
        n_columns=sizes.n_columns,
        static=_static(graph, sizes),
    )


def padded_inputs(graph: Graph, sizes: InputSizes, length: int) -> Steps:
    """Declare inputs that hold sequences padded to `length` steps, and how many steps of each are real."""
    batch = "n_sequences"
    values = (
        graph.input("values", sizes.dtype, (batch, length, sizes.n_features)) if sizes.n_features else None
    )
    lengths = graph.input("lengths", INT64, (batch,))
    codes = graph.input("tokens", INT64, (batch, length, sizes.n_columns)) if sizes.n_columns else None
    steps = Steps(values=None, width=sizes.n_features, dtype=sizes.dtype, lengths=lengths, longest=length)

    def cleared(tensor: str | None, dtype: np.dtype[Any]) -> str | None:
        if tensor is None:
            return None
        return masked(graph, graph.add("Transpose", tensor, perm=(1, 0, 2)), steps, 0, dtype)

    return Steps(
        values=cleared(values, sizes.dtype),
        width=sizes.n_features,
        dtype=sizes.dtype,
        lengths=lengths,
        longest=length,
        codes=cleared(codes, INT64),
        n_columns=sizes.n_columns,
        static=_static(graph, sizes),
    )


def _static(graph: Graph, sizes: InputSizes) -> str | None:
    width = sizes.n_static_features
    return graph.input("static", FLOAT, ("n_sequences", width)) if width else None
