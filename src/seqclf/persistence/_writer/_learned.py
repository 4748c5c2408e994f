"""A fitted estimator -> what it learned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from seqclf.estimators import SequenceClassifier, SequenceEnsemble
from seqclf.estimators.state import ClassPrior, DataSize, FittedModel, InputContract
from seqclf.nn import Dropout
from seqclf.persistence._writer._errors import CannotBeSavedError
from seqclf.training import History, device_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingState:
    """What `partial_fit` needs to continue as if the model had not been saved."""

    estimator: SequenceClassifier
    model: FittedModel


@dataclass(frozen=True, slots=True)
class Earlier:
    """Parameters that were changed since the network was built: what they were. Like parameters, they may be omitted."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedParts:
    """A fitted model, in the parts that a file has names for."""

    module: nn.Module
    frozen: list[str]  # weights that training does not change
    classes: Any
    contract: InputContract
    prior: ClassPrior
    size: DataSize
    automatic: Mapping[str, Any]
    changed: Earlier
    history: History
    device: str
    training: TrainingState
    output: str | None  # what `set_output` chose


def learned_by(estimator: Any) -> dict[str, Any]:
    """Return what a classifier learned; nothing if it is not fitted."""
    if not estimator.__sklearn_is_fitted__():
        return {}
    model: FittedModel = estimator._model
    parts = FittedParts(
        module=model.network,
        frozen=[name for name, one in model.network.named_parameters() if not one.requires_grad],
        classes=model.classes,
        contract=model.contract,
        prior=model.prior,
        size=model.size,
        automatic=model.automatic,
        changed=changed_since(model.architecture, estimator),
        history=model.history,
        device=device_of(model.network).type,
        training=TrainingState(estimator=estimator, model=model),
        output=getattr(estimator, "_sklearn_output_config", {}).get("transform"),
    )
    return {"fitted_": parts}


def members_of(ensemble: SequenceEnsemble) -> dict[str, Any]:
    """Return what an ensemble learned; nothing if it is not fitted."""
    if not ensemble.__sklearn_is_fitted__():
        return {}
    fitted = ensemble._ensemble
    return {
        "members_": list(fitted.members),
        "contract_": fitted.contract,
        "changed_": changed_since(fitted.given, ensemble),
    }


def changed_since(first: Mapping[str, Any], estimator: Any) -> Earlier:
    """Return the earlier values of parameters that have been set to others since."""
    return Earlier(
        {name: before for name, before in first.items() if not _is_same(getattr(estimator, name), before)}
    )


def training_fields(state: TrainingState) -> dict[str, Any]:
    """Return the states of the random generators and of the optimizer."""
    model = state.model
    generators = {
        name: None if module.generator is model.generator else module.generator
        for name, module in model.network.named_modules()
        if isinstance(module, Dropout)
    }
    return {
        "generator": model.generator,
        "dropouts": generators,
        "optimizer": _optimizer_state(state.estimator, model),
    }


def _optimizer_state(estimator: SequenceClassifier, model: FittedModel) -> dict[str, Any] | None:
    """Return the state of each weight by its name, such as its moments; None before the first `partial_fit`."""
    if model.optimizer is None:
        return None
    if not isinstance(estimator.optimizer, str):
        raise CannotBeSavedError("", "the state of an optimizer that is not one of 'adamw', 'adam' and 'sgd'")
    states = model.optimizer.state
    return {
        name: dict(states[weight]) for name, weight in model.network.named_parameters() if weight in states
    }


def _is_same(value: Any, before: Any) -> bool:
    try:
        return value is before or bool(value == before)
    except (TypeError, ValueError, RuntimeError):  # arrays have no truth value
        return False
