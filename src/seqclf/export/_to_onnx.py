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
    """Write a fitted model to an ONNX file, which onnxruntime scores without seqclf, torch or scikit-learn.

    Scaling, missing values, embedding, network, prior correction and labels are all part of the file.

    Parameters
    ----------
    model : SequenceClassifier, SequenceEnsemble, or Pipeline that ends in one
        The fitted model. `SequenceClassifier` includes `GRUClassifier` and its relatives.
    path : str or path-like
        The file. It is written whole or not at all, and the same model gives the same bytes.
    fixed_length : int or None, default=None
        None: the graph reads sequences of any length, concatenated. An integer: it reads sequences padded to this many steps, for
        runtimes that need fixed shapes; only the number of sequences may vary. See Notes.
    opset : int, default=17
        Version of the ONNX operators, at least 17.

    Raises
    ------
    TypeError
        If a part of the model cannot be exported; the message names it.
    ValueError
        If `opset` or `fixed_length` is out of range.
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    ImportError
        If onnx is not installed (extra `onnx`).

    Notes
    -----
    Inputs, in the layout of `Sequences`:

    - `values`, (n_steps, n_features): the steps of all sequences, concatenated; NaN where they are missing. They are float64 if the
      model scales them, because float32 would round, for example, seconds since 1970 to two minutes; float32 for `scale=None`.
    - `offsets`, (n_sequences + 1,) int64: sequence `i` is `values[offsets[i]:offsets[i + 1]]` and has at least one step.
    - `tokens`, (n_steps, n_columns) int64, if the model has tokens: their codes in the vocabularies of the metadata.
    - `static`, (n_sequences, n_static_features) float32, if the model has features of whole sequences.

    With `fixed_length=T`, `values` has shape (n_sequences, T, n_features), `tokens` (n_sequences, T, n_columns), and
    `lengths`, (n_sequences,) int64 between 1 and T, replaces `offsets`. Steps after `lengths[i]` are ignored, so a shorter
    sequence gets the same probabilities as without padding. No recurrent operator of such a graph reads lengths; the reverse
    direction is computed on reversed sequences instead.

    Outputs: `probabilities`, (n_sequences, n_classes) float32 in the order of `classes_`, and `labels`, (n_sequences,): text, int64,
    float64 or bool. Probabilities agree with `predict_proba` up to rounding errors of float32. The metadata `classes`, `features`,
    `vocabularies` and `versions` are JSON.

    A graph does not check its input: infinite values, missing values that the model would refuse, decreasing times, and empty
    sequences give meaningless numbers, not errors.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> import onnxruntime
    >>> from seqclf import GRUClassifier
    >>> from seqclf.export import to_onnx
    >>> X = [[0.1, 0.9], [0.2, 0.8, 0.9], [0.9, 0.1, 0.2], [0.8, 0.2]] * 8
    >>> y = ["up", "up", "down", "down"] * 8
    >>> model = GRUClassifier(hidden_size=8, random_state=0).fit(X, y)
    >>> path = Path(tempfile.mkdtemp()) / "model.onnx"
    >>> to_onnx(model, path)
    >>> session = onnxruntime.InferenceSession(path)
    >>> values, offsets = np.array([[0.0], [0.5], [0.9], [0.9], [0.3]]), np.array([0, 3, 5])
    >>> _, labels = session.run(None, {"values": values, "offsets": offsets})
    >>> labels.tolist()
    ['up', 'down']
    """
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
