"""Transformers and losses: parameters and what was learned -> objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from seqclf import nn as modules
from seqclf import transforms
from seqclf.persistence._format_1._checks import (
    ANYTHING,
    POSITIVE,
    TEXT,
    VECTOR,
    Must,
    a,
    integer,
    items,
    mapping,
    one_of,
    optional,
)
from seqclf.persistence._format_1._kinds import Kind
from seqclf.persistence._format_1._parameters import TRANSFORMERS
from seqclf.sequences import ColumnNames

STATISTICS = Must(
    "two tensors of torch.float64 and equal length",
    lambda value: (
        type(value) is tuple
        and len(value) == 2
        and all(map(VECTOR.holds, value))
        and len(value[0]) == len(value[1])
    ),
)
VIEW = one_of("level", "shape")
TOKENS = Must(
    "a tuple of different tokens",
    lambda value: type(value) is tuple and len(set(value)) == len(value),
)
VOCABULARIES = mapping(ANYTHING, TOKENS)
INDICES = Must(
    "an array of int64 and one axis",
    lambda value: (
        isinstance(value, np.ndarray)
        and value.dtype == np.int64
        and value.ndim == 1
        and bool((value >= 0).all())
    ),
)

_LEARNED: dict[str, dict[str, tuple[str, Must]]] = {
    "ZScore": {
        "mean_": ("mean_", VECTOR),
        "scale_": ("scale_", VECTOR),
        "static_": ("_static", optional(STATISTICS)),
    },
    "MinMax": {
        "data_min_": ("data_min_", VECTOR),
        "data_range_": ("data_range_", VECTOR),
        "static_": ("_static", optional(STATISTICS)),
    },
    "FillMissing": {
        "mean_": ("mean_", VECTOR),
        "missing_features_": ("missing_features_", INDICES),
        "interval_": ("interval_", POSITIVE),
    },
    "Views": {
        "bases_": ("_bases", mapping(VIEW, a(transforms.ZScore))),
        "fillers_": ("_fillers", mapping(VIEW, a(transforms.FillMissing))),
        "sizes_": ("_sizes", mapping(VIEW, VECTOR)),
    },
    "TokenEncoder": {"vocabularies_": ("vocabularies_", VOCABULARIES)},
    "Differences": {},
    "Downsample": {},
    "RemoveBaseline": {},
    "TimeDeltas": {},
}
"""Of each transformer: name in the file, attribute, and what it must be."""

_OF_ALL = {
    "n_features_in_": ("n_features_in_", integer(0)),
    "column_names_": ("_column_names", a(ColumnNames)),
}


def _transformer(name: str) -> Kind:
    learned = _LEARNED[name] | _OF_ALL
    attributes = {key: attribute for key, (attribute, _) in learned.items()}
    return Kind(
        build=_builder(getattr(transforms, name), attributes),
        fields=dict.fromkeys(TRANSFORMERS[f"transforms.{name}"], ANYTHING),
        learned={key: must for key, (_, must) in learned.items()},
    )


def _builder(kind: type, attributes: Mapping[str, str]) -> Callable[..., Any]:
    def build(**given: Any) -> Any:
        transformer = kind(**{name: value for name, value in given.items() if name not in attributes})
        check_statistics(given)
        for name, attribute in attributes.items():
            if name in given:
                setattr(transformer, attribute, given[name])
        return transformer

    return build


def check_statistics(given: Mapping[str, Any]) -> None:
    """Raise unless there is one statistic for each feature."""
    n_features = given.get("n_features_in_")
    vectors = {name: value for name, value in given.items() if isinstance(value, torch.Tensor)}
    vectors |= given.get("sizes_", {})
    for name, vector in vectors.items():
        if vector.shape != (n_features,):
            raise ValueError(f"{n_features} features, but {len(vector)} of {name}")
    if (given.get("missing_features_", np.empty(0)) >= (n_features or 0)).any():
        raise ValueError(f"{n_features} features, but missing values in {given['missing_features_']}")


_AUGMENTATIONS: dict[str, tuple[str, ...]] = {
    "BaselineWander": ("period", "scale"),
    "Compose": ("transforms",),
    "Crop": ("strength",),
    "Dropout": ("rate", "value"),
    "Jitter": ("scale",),
    "MagnitudeWarp": ("knots", "scale"),
    "RandomApply": ("probability", "transform"),
    "RandomPrefix": ("shortest",),
    "Scale": ("scale",),
    "Shift": ("max_steps",),
    "TimeWarp": ("knots", "strength"),
}
_LOSSES: dict[str, tuple[str, ...]] = {
    "CrossEntropyLoss": ("class_weight", "label_smoothing"),
    "FocalLoss": ("class_weight", "gamma", "label_smoothing"),
    "LogitAdjustedLoss": ("class_prior", "class_weight", "label_smoothing", "tau"),
}

TRANSFORMER_KINDS: dict[str, Kind] = {
    **{f"transforms.{name}": _transformer(name) for name in _LEARNED},
    **{
        f"transforms.{name}": Kind(build=getattr(transforms, name), fields=dict.fromkeys(fields, ANYTHING))
        for name, fields in _AUGMENTATIONS.items()
    },
    **{
        f"nn.{name}": Kind(build=getattr(modules, name), fields=dict.fromkeys(fields, ANYTHING))
        for name, fields in _LOSSES.items()
    },
    "column names": Kind(
        build=ColumnNames,
        fields={"names": optional(items(TEXT, tuple)), "axis": optional(one_of("step", "feature"))},
        learned={"static": items(TEXT, tuple)},
    ),
}
