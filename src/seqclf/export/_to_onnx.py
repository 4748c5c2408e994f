"""`to_onnx`: a fitted model -> a graph with inputs, outputs and metadata."""

from __future__ import annotations

import json
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import Any

from seqclf._checks import check_integer
from seqclf._files import write_whole
from seqclf.export._estimators import (
    Model,
    export_probabilities,
    feature_names,
    sizes_of,
    split,
    vocabularies_of,
)
from seqclf.export._file import file_bytes, import_onnx
from seqclf.export._graph import FLOAT, Graph
from seqclf.export._inputs import InputSizes, padded_inputs, ragged_inputs
from seqclf.export._labels import as_constant

OLDEST_OPSET = 17
"""The first with LayerNormalization."""


def to_onnx(
    model: Any, path: str | PathLike[str], *, fixed_length: int | None = None, opset: int = 17
) -> None:
    """DOC"""
    length = None if fixed_length is None else check_integer("fixed_length", fixed_length)
    graph = Graph(_checked_opset(opset))
    transformers, classifier = split(model)
    sizes = sizes_of(transformers, classifier)
    steps = ragged_inputs(graph, sizes) if length is None else padded_inputs(graph, sizes, length)
    probabilities, index = export_probabilities(graph, transformers, classifier, steps)
    classes = as_constant(classifier.classes_)
    graph.output("probabilities", probabilities, FLOAT, ("n_sequences", len(classes)))
    labels = graph.add("Gather", graph.constant(classes), index, axis=0)
    graph.output("labels", labels, classes.dtype, ("n_sequences",))
    content = file_bytes(
        graph, producer_version=version("seqclf"), metadata=_metadata(transformers, classifier, sizes)
    )
    write_whole(Path(path), content)


def _checked_opset(opset: int) -> int:
    number, newest = check_integer("opset", opset), import_onnx().defs.onnx_opset_version()
    if not OLDEST_OPSET <= number <= newest:
        raise ValueError(
            f"`opset` must lie between {OLDEST_OPSET} and {newest}, the newest that the installed onnx knows; got {number}. "
            f"Every onnxruntime since 1.12 reads {OLDEST_OPSET}."
        )
    return number


def _metadata(transformers: list[tuple[str, Any]], classifier: Model, sizes: InputSizes) -> dict[str, str]:
    """Return what a reader of the file may want to know, as JSON."""
    vocabularies = [[str(name), list(tokens)] for name, tokens in vocabularies_of(classifier).items()]
    versions = {name: version(name) for name in ("numpy", "onnx", "scikit-learn", "seqclf", "torch")}
    return {
        "classes": json.dumps(classifier.classes_.tolist()),
        "features": json.dumps(feature_names(transformers, classifier, sizes.n_features)),
        "vocabularies": json.dumps(vocabularies),
        "versions": json.dumps(versions),
    }
