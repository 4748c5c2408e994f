"""Estimators in a graph: features in, probabilities out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted
from torch import nn

from seqclf.estimators import SequenceClassifier, SequenceEnsemble
from seqclf.export._embedding import recoded
from seqclf.export._exporters import TRANSFORMERS
from seqclf.export._graph import DOUBLE, FLOAT, Graph
from seqclf.export._inputs import InputSizes
from seqclf.export._network import export_network
from seqclf.export._steps import Steps
from seqclf.export._transformers import export_transformer, n_appended
from seqclf.sequences import ColumnNames, Vocabularies
from seqclf.transforms import TokenEncoder

Model = SequenceClassifier | SequenceEnsemble


def split(model: Any) -> tuple[list[tuple[str, Any]], Model]:
    """Return the transformers in front of the classifier, with their names, and the classifier; raise unless it is fitted."""
    transformers: list[tuple[str, Any]] = []
    last = model
    if type(model) is Pipeline:
        *transformers, (_, last) = model.steps
    if not isinstance(last, Model) or not _predicts_as_seqclf(last):
        raise TypeError(
            "`model` must be a classifier of seqclf, or a scikit-learn pipeline that ends in one; got "
            f"{type(model).__name__}{'' if last is model else f' that ends in {type(last).__name__}'}. {_advice(last)}"
        )
    check_is_fitted(last)
    transformers = [(name, one) for name, one in transformers if one not in (None, "passthrough")]
    for name, one in transformers:
        TRANSFORMERS.find(one, _place(name))  # raises if it is not of seqclf
        check_is_fitted(one)
    return transformers, last


def _predicts_as_seqclf(model: Model) -> bool:
    """Return whether a subclass leaves probabilities and labels as they are."""
    base = SequenceEnsemble if isinstance(model, SequenceEnsemble) else SequenceClassifier
    return type(model).predict_proba is base.predict_proba and type(model).predict is base.predict


def _advice(model: Any) -> str:
    """Say what to do about a model that is not of seqclf."""
    if isinstance(model, Model):
        return "A graph has the probabilities and labels of seqclf's own methods: export a model whose class does not replace them."
    if hasattr(model, "best_estimator_") or hasattr(model, "param_grid"):
        return "Of a search, export `best_estimator_`."
    if hasattr(model, "steps"):
        return "Put all steps into one pipeline, whose last one is the classifier."
    return "A classifier inside of it can be exported, without what is around it."


def _place(name: str) -> str:
    return f"step {name!r} of the pipeline"


def _single(transformers: list[tuple[str, Any]]) -> list[Any]:
    """Return transformers, and those of pipelines among them, in order."""
    single: list[Any] = []
    for _, one in transformers:
        if isinstance(one, Pipeline):
            single += _single(one.steps)
        elif one not in (None, "passthrough"):
            single.append(one)
    return single


def sizes_of(transformers: list[tuple[str, Any]], model: Model) -> InputSizes:
    """Return what a graph reads of each sequence."""
    contract = _contract(model)
    n_features, n_static = contract.n_features, contract.n_static_features
    single = _single(transformers)
    for transformer in reversed(single):
        n_features = getattr(transformer, "n_features_in_", n_features)
        n_static -= n_appended(transformer)
    members = model.members_ if isinstance(model, SequenceEnsemble) else (model,)
    scaled = any(not isinstance(one, TokenEncoder) for one in single)
    scaled = scaled or any(_contract(member).scaling.transformer is not None for member in members)
    return InputSizes(
        n_features=n_features,
        n_columns=len(vocabularies_of(model)),
        n_static_features=n_static,
        dtype=DOUBLE if scaled else FLOAT,
    )


def vocabularies_of(model: Model) -> Vocabularies:
    """Return the tokens of each column that the codes of a graph stand for."""
    return _contract(model).vocabularies or {}


def feature_names(transformers: list[tuple[str, Any]], model: Model, n_features: int) -> list[str] | None:
    """Return the names of the features that the first step of the model saw in `fit`, if there were any."""
    single = _single(transformers)
    columns: ColumnNames = single[0]._column_names if single else _contract(model).column_names
    names = [name for name in columns.names or () if name not in vocabularies_of(model)]
    return names if columns.axis == "feature" and len(names) == n_features else None


def export_probabilities(
    graph: Graph, transformers: list[tuple[str, Any]], model: Model, steps: Steps
) -> tuple[str, str]:
    """Return the names of the probabilities, (batch, n_classes), and of the index of the predicted class, (batch,)."""
    for name, transformer in transformers:
        steps = export_transformer(graph, transformer, steps, _place(name))
    if isinstance(model, SequenceEnsemble):
        probabilities = scores = _mean(graph, model, steps)
    else:
        scores = _logits(graph, model, steps)
        probabilities = graph.add("Softmax", scores, axis=1)
    return probabilities, graph.add("ArgMax", scores, axis=1, keepdims=0)


def _mean(graph: Graph, ensemble: SequenceEnsemble, steps: Steps) -> str:
    total, given = "", vocabularies_of(ensemble)
    for member in ensemble.members_:
        own = recoded(graph, steps, given, vocabularies_of(member))
        probabilities = graph.add("Softmax", _logits(graph, member, own), axis=1)
        total = graph.add("Add", total, probabilities) if total else probabilities
    return graph.add("Div", total, graph.constant(float(len(ensemble.members_)), FLOAT))


def _logits(graph: Graph, model: SequenceClassifier, steps: Steps) -> str:
    """Return logits, corrected to the natural class frequencies if the model does so."""
    fitted = model._model
    steps = export_transformer(graph, fitted.contract.scaling.transformer, steps, "`scale`")
    steps = replace(steps, values=graph.cast(steps.values, FLOAT), dtype=FLOAT)
    with torch.no_grad(), _evaluating(fitted.network):
        logits = export_network(graph, fitted.network, steps, fitted.contract.scaled_sizes[1])
    if not model.prior_correction:
        return logits
    return graph.add("Add", logits, graph.constant(fitted.prior.shift.numpy(), FLOAT))


def _contract(model: Model) -> Any:
    return model._ensemble.contract if isinstance(model, SequenceEnsemble) else model._model.contract


@contextmanager
def _evaluating(network: nn.Module) -> Iterator[None]:
    """Put a network into evaluation mode for the block."""
    was_training = network.training
    network.eval()
    try:
        yield
    finally:
        network.train(was_training)
