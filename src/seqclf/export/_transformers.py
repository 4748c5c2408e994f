"""Transformers that contain others, in a graph: `Views`, pipelines, and what an estimator does with missing values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sklearn.pipeline import Pipeline

import seqclf.export._downsample  # noqa: F401 - registers what it exports
from seqclf.estimators.state import ScaleAndFill
from seqclf.export._differences import changes
from seqclf.export._exporters import TRANSFORMERS
from seqclf.export._graph import FLOAT, Graph
from seqclf.export._missing import fill_missing
from seqclf.export._scalers import zscore
from seqclf.export._steps import Steps
from seqclf.transforms import TokenEncoder, Views, ZScore


def export_transformer(graph: Graph, transformer: Any, steps: Steps, place: str) -> Steps:
    """Write any transformer; None changes nothing."""
    if transformer is None or (isinstance(transformer, str) and transformer == "passthrough"):
        return steps
    result: Steps = TRANSFORMERS.find(transformer, place)(graph, transformer, steps, place)
    return result


@TRANSFORMERS.of(TokenEncoder)
def _token_encoder(graph: Graph, transformer: TokenEncoder, steps: Steps, place: str) -> Steps:
    return steps  # a graph reads codes


@TRANSFORMERS.of(Pipeline)
def _pipeline(graph: Graph, pipeline: Any, steps: Steps, place: str) -> Steps:
    for name, transformer in pipeline.steps:
        steps = export_transformer(graph, transformer, steps, f"step {name!r} of {place}")
    return steps


@TRANSFORMERS.of(Views)
def _views(graph: Graph, transformer: Views, steps: Steps, place: str) -> Steps:
    scaled = {kind: zscore(graph, base, steps, place) for kind, base in transformer._bases.items()}
    parts = []
    for view in transformer.views:
        kind = view.removesuffix("_difference")
        of_kind = scaled[kind]
        if view == kind:
            parts.append(of_kind.values)
            continue
        filler = transformer._fillers.get(kind)
        known = of_kind if filler is None else fill_missing(graph, filler, of_kind, place)
        size = graph.constant(transformer._sizes[kind].numpy(), FLOAT)
        parts.append(graph.add("Div", changes(graph, known.values), size))
    last = list(scaled.values())[-1]  # the one with statistics
    return replace(last, values=graph.concat(parts, 2), width=steps.width * len(parts))


@TRANSFORMERS.of(ScaleAndFill)
def _scale_and_fill(graph: Graph, both: ScaleAndFill, steps: Steps, place: str) -> Steps:
    marked = fill_missing(graph, both.marker, steps, place)
    filled = export_transformer(graph, both.scaler, steps, place)
    filled = fill_missing(graph, both.filler, filled, place)
    for transformer in both.others:
        filled = export_transformer(graph, transformer, filled, place)
    if not both.n_marks:
        return filled
    marks = graph.cast(graph.slice(marked.values, steps.width, None, axis=2), FLOAT)
    values = graph.concat([graph.cast(filled.values, FLOAT), marks], 2)
    return replace(filled, values=values, width=filled.width + both.n_marks, dtype=FLOAT)


def n_appended(transformer: Any) -> int:
    """Return how many static features a transformer appends."""
    if isinstance(transformer, Pipeline):
        return sum(n_appended(step) for _, step in transformer.steps)
    appends = isinstance(transformer, ZScore) and transformer.append_statistics
    if isinstance(transformer, Views):
        appends = "shape" in transformer._bases
    return 2 * transformer.n_features_in_ + 1 if appends else 0
