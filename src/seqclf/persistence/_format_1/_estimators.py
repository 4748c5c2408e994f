"""Estimators and pipelines: parameters and what was learned -> objects that predict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from seqclf import estimators
from seqclf.estimators import SequenceClassifier, SequenceEnsemble
from seqclf.estimators.state import FittedEnsemble, InputContract
from seqclf.persistence._format_1._checks import ANYTHING, BOOLEAN, Must, a, items
from seqclf.persistence._format_1._fitted import OF_TEXT, TRANSFORMER, FittedParts, fitted_model
from seqclf.persistence._format_1._kinds import Kind
from seqclf.persistence._format_1._parameters import ESTIMATORS


def _classifier(name: str) -> Callable[..., SequenceClassifier]:
    kind: type[SequenceClassifier] = getattr(estimators, name)

    def build(fitted_: FittedParts | None = None, **parameters: Any) -> SequenceClassifier:
        estimator = kind(**parameters)
        if fitted_ is not None:
            estimator._model = fitted_model(estimator, fitted_)
            estimator.set_output(transform=fitted_.output)
        return estimator

    return build


def _ensemble(
    *,
    members_: list[Any] | None = None,
    contract_: InputContract | None = None,
    changed_: Mapping[str, Any] | None = None,
    **parameters: Any,
) -> SequenceEnsemble:
    ensemble = SequenceEnsemble(**parameters)
    if members_ is None or contract_ is None or changed_ is None:
        return ensemble
    first = members_[0].classes_
    if not all(np.array_equal(one.classes_, first) for one in members_):
        raise ValueError("members of different classes")
    given = {name: changed_.get(name, value) for name, value in ensemble._given().items()}
    ensemble._ensemble = FittedEnsemble(members=tuple(members_), contract=contract_, given=given)
    return ensemble


def _pipeline(*, steps: list[Any], **parameters: Any) -> Pipeline:
    return Pipeline([(name, step) for name, step in steps], **parameters)


_CLASSIFIER = Must(
    "a fitted classifier",
    lambda value: isinstance(value, SequenceClassifier) and value.__sklearn_is_fitted__(),
)
_STEP = Must(
    "a name and a transformer or an estimator",
    lambda value: (
        type(value) is list
        and len(value) == 2
        and type(value[0]) is str
        and (
            TRANSFORMER.holds(value[1])
            or value[1] in (None, "passthrough")
            or isinstance(value[1], SequenceClassifier | SequenceEnsemble)
        )
    ),
)

ESTIMATOR_KINDS: dict[str, Kind] = {
    **{
        name: Kind(
            build=_classifier(name.removeprefix("estimators.")),
            fields=dict.fromkeys(parameters, ANYTHING),
            learned={"fitted_": a(FittedParts)},
        )
        for name, parameters in ESTIMATORS.items()
        if name != "estimators.SequenceEnsemble"
    },
    "estimators.SequenceEnsemble": Kind(
        build=_ensemble,
        fields=dict.fromkeys(ESTIMATORS["estimators.SequenceEnsemble"], ANYTHING),
        learned={
            "members_": Must(
                "a list of fitted classifiers", lambda value: bool(value) and items(_CLASSIFIER).holds(value)
            ),
            "contract_": a(InputContract),
            "changed_": OF_TEXT,
        },
    ),
    "sklearn.Pipeline": Kind(
        build=_pipeline,
        fields={"steps": items(_STEP), "memory": ANYTHING, "verbose": BOOLEAN, "transform_input": ANYTHING},
    ),
}
