"""Tokens in a graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from seqclf.export._exporters import SEQUENCE_MODULES
from seqclf.export._graph import FLOAT, INT64, Graph
from seqclf.export._rows import array
from seqclf.export._steps import Steps
from seqclf.nn import TokenEmbedding
from seqclf.sequences import Vocabularies


@SEQUENCE_MODULES.of(TokenEmbedding)
def _embedding(graph: Graph, embedding: TokenEmbedding, steps: Steps, place: str) -> Steps:
    tables: list[Any] = list(embedding.tables)
    vectors = [
        graph.add("Gather", graph.constant(array(table.weight)), column_of(graph, steps, number), axis=0)
        for number, table in enumerate(tables)
    ]
    return replace(
        steps,
        values=graph.concat([steps.values, *vectors], 2),
        width=steps.width + embedding.output_size,
        dtype=FLOAT,
        codes=None,
        n_columns=0,
    )


def recoded(graph: Graph, steps: Steps, given: Vocabularies, expected: Vocabularies) -> Steps:
    """Return the steps with the codes of other vocabularies of the same columns; tokens that these lack are unknown."""
    if steps.codes is None or list(given.items()) == list(expected.items()):
        return steps
    columns = []
    for name, vocabulary in expected.items():
        table = graph.constant(_new_codes(given[name], vocabulary), INT64)
        codes = column_of(graph, steps, list(given).index(name))
        columns.append(
            graph.add("Unsqueeze", graph.add("Gather", table, codes, axis=0), graph.constant([2], INT64))
        )
    return replace(steps, codes=graph.concat(columns, 2), n_columns=len(columns))


def column_of(graph: Graph, steps: Steps, number: int) -> str:
    """Return the codes of one column, (time, batch)."""
    assert steps.codes is not None
    return graph.add("Gather", steps.codes, graph.constant(number, INT64), axis=2)


def _new_codes(given: tuple[Any, ...], expected: tuple[Any, ...]) -> np.ndarray[Any, np.dtype[np.int64]]:
    code: Mapping[Any, int] = {token: number for number, token in enumerate(expected, start=1)}
    return np.array([0, *(code.get(token, 0) for token in given)])
