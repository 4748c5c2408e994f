"""Estimators, transformers, losses and what a fit learns -> their parameters and learned values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from sklearn.pipeline import Pipeline

from seqclf import nn as modules
from seqclf import transforms
from seqclf.estimators import (
    GRUClassifier,
    LSTMClassifier,
    RecurrentClassifier,
    RNNClassifier,
    SequenceClassifier,
    SequenceEnsemble,
)
from seqclf.estimators.state import ClassPrior, DataSize, InputContract, ScaleAndFill, Scaling, TrainingRange
from seqclf.persistence._writer._kinds import Kind
from seqclf.persistence._writer._learned import (
    FittedParts,
    TrainingState,
    learned_by,
    members_of,
    training_fields,
)
from seqclf.sequences import ColumnNames
from seqclf.training import History


def _parameters(estimator: Any) -> dict[str, Any]:
    parameters: dict[str, Any] = estimator.get_params(deep=False)
    return parameters


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _records(package: Any, prefix: str, *names: str) -> dict[type, Kind]:
    """Return kinds of frozen dataclasses, which are made of their fields."""
    return {getattr(package, name): Kind(name=f"{prefix}.{name}", fields=_fields) for name in names}


_LEARNED: dict[str, dict[str, str]] = {
    "ZScore": {"mean_": "mean_", "scale_": "scale_", "static_": "_static"},
    "MinMax": {"data_min_": "data_min_", "data_range_": "data_range_", "static_": "_static"},
    "FillMissing": {"mean_": "mean_", "missing_features_": "missing_features_", "interval_": "interval_"},
    "Views": {"bases_": "_bases", "fillers_": "_fillers", "sizes_": "_sizes"},
    "TokenEncoder": {"vocabularies_": "vocabularies_"},
    "Differences": {},
    "Downsample": {},
    "RemoveBaseline": {},
    "TimeDeltas": {},
}
"""Name in the file and attribute of what each transformer learns."""


def _learned(attributes: dict[str, str]) -> Callable[[Any], dict[str, Any]]:
    attributes = attributes | {"n_features_in_": "n_features_in_", "column_names_": "_column_names"}

    def of(transformer: Any) -> dict[str, Any]:
        learned = {}
        if hasattr(transformer, "n_features_in_"):
            learned = {name: getattr(transformer, attribute) for name, attribute in attributes.items()}
        return _parameters(transformer) | learned

    return of


def _scale_and_fill(value: ScaleAndFill) -> dict[str, Any]:
    return {"transformer": value.transformer, "marker": value.marker, "filler": value.filler}


def _fields_with(optional: str) -> Callable[[Any], dict[str, Any]]:
    """Return a function that returns the fields, of which files of earlier versions lack the optional one: it is not written if None."""

    def of(value: Any) -> dict[str, Any]:
        return {name: one for name, one in _fields(value).items() if name != optional or one is not None}

    return of


def _pipeline(pipeline: Pipeline) -> dict[str, Any]:
    return {"steps": [list(step) for step in pipeline.steps]}


def _pipeline_parameters(pipeline: Pipeline) -> dict[str, Any]:
    return {name: value for name, value in _parameters(pipeline).items() if name != "steps"}


_CLASSIFIERS = (GRUClassifier, LSTMClassifier, RNNClassifier, RecurrentClassifier, SequenceClassifier)

OBJECTS: dict[type, Kind] = {
    **{
        one: Kind(name=f"estimators.{one.__name__}", fields=learned_by, parameters=_parameters)
        for one in _CLASSIFIERS
    },
    SequenceEnsemble: Kind(name="estimators.SequenceEnsemble", fields=members_of, parameters=_parameters),
    Pipeline: Kind(name="sklearn.Pipeline", fields=_pipeline, parameters=_pipeline_parameters),
    **{
        getattr(transforms, name): Kind(name=f"transforms.{name}", fields=_learned(attributes))
        for name, attributes in _LEARNED.items()
    },
    **_records(
        transforms,
        "transforms",
        *("BaselineWander", "Compose", "Crop", "Dropout", "Jitter", "MagnitudeWarp", "RandomApply"),
        *("RandomPrefix", "Scale", "Shift", "TimeWarp"),
    ),
    **_records(modules, "nn", "CrossEntropyLoss", "FocalLoss", "LogitAdjustedLoss"),
    ClassPrior: Kind(name="class prior", fields=_fields),
    ColumnNames: Kind(name="column names", fields=_fields_with("static")),
    DataSize: Kind(name="data size", fields=_fields),
    FittedParts: Kind(name="fitted model", fields=_fields),
    History: Kind(name="history", fields=History.to_dict),
    InputContract: Kind(name="input contract", fields=_fields_with("training_range")),
    ScaleAndFill: Kind(name="scale and fill", fields=_scale_and_fill),
    Scaling: Kind(name="scaling", fields=_fields),
    TrainingRange: Kind(name="training range", fields=_fields),
    TrainingState: Kind(name="training state", fields=training_fields),
}
"""The classes that a file can hold, beside modules."""
