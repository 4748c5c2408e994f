"""What a fit learned -> `FittedModel`, and the objects that it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sklearn.pipeline import Pipeline
from torch import nn

from seqclf import transforms
from seqclf._pickling import device_or_cpu
from seqclf.estimators.state import (
    ClassPrior,
    DataSize,
    FittedModel,
    InputContract,
    ScaleAndFill,
    Scaling,
    TrainingRange,
    check_rows,
    probe,
    run_probe,
)
from seqclf.nn import RecurrentEncoder
from seqclf.persistence._format_1._checks import (
    ANYTHING,
    BOOLEAN,
    COUNT,
    LABELS,
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
from seqclf.persistence._format_1._reader import DEVICES
from seqclf.persistence._format_1._training import TRAINING_STATE, TrainingState, resume
from seqclf.persistence._format_1._transformers import VOCABULARIES
from seqclf.sequences import ColumnNames
from seqclf.training import EpochRecord, History

OF_TEXT = mapping(TEXT, ANYTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedParts:
    """A fitted model, in the parts that a file has names for."""

    module: nn.Module
    frozen: list[str]
    classes: Any
    contract: InputContract
    prior: ClassPrior
    size: DataSize
    automatic: Mapping[str, Any]
    changed: Mapping[str, Any]
    history: History
    device: str
    training: TrainingState | None
    output: str | None


def fitted_model(estimator: Any, parts: FittedParts) -> FittedModel:
    """Return the fitted model; raise unless its parts fit together."""
    _check_sizes(parts)
    network = parts.module.to(device_or_cpu(parts.device if parts.device in DEVICES else "cpu"))
    weights = dict(network.named_parameters())
    for name in parts.frozen:
        weights[name].requires_grad_(False)
    before = {name: parts.changed.get(name, getattr(estimator, name)) for name in estimator._architecture()}
    generator, optimizer = resume(estimator, parts.automatic, network, parts.training)
    return FittedModel(
        network=network,
        classes=parts.classes,
        contract=parts.contract,
        generator=generator,
        prior=parts.prior,
        architecture=before,
        size=parts.size,
        automatic=dict(parts.automatic),
        optimizer=optimizer,
        history=parts.history,
    )


_MANY_FEATURES = 100_000
"""More features must have a weight each: no number in a file alone decides how much memory is allocated."""


def _check_sizes(parts: FittedParts) -> None:
    n_classes = len(parts.classes)
    for vector in (parts.prior.natural, parts.prior.trained, parts.prior.adjustment):
        if len(vector) != n_classes:
            raise ValueError(f"{n_classes} classes, but a class prior of {len(vector)}")
    compared = parts.contract.training_range
    n_columns = parts.contract.n_features + parts.contract.n_static_features
    if compared is not None and not compared.has_columns_of(n_columns):
        raise ValueError(f"{n_columns} features, but a training range of others")
    n_values, n_weights = (
        sum(parts.contract.scaled_sizes),
        sum(one.numel() for one in parts.module.parameters()),
    )
    if n_values > max(_MANY_FEATURES, n_weights):
        raise ValueError(f"{n_values} features, but {n_weights} weights")
    encoders = [one for one in parts.module.modules() if isinstance(one, RecurrentEncoder)]
    chosen = [(one.engine, one.precision) for one in encoders]
    for encoder in encoders:  # runs anywhere
        encoder.engine, encoder.precision = "packed", "float32"
    logits = run_probe("network", parts.module, probe(parts.contract.network_spec(n_classes)))
    check_rows("network", "logits", logits, n_classes)
    for encoder, (engine, precision) in zip(encoders, chosen, strict=True):
        encoder.engine, encoder.precision = engine, precision


def _history(**columns: list[Any]) -> History:
    rows = zip(*columns.values(), strict=True)
    return History([EpochRecord(**dict(zip(columns, row, strict=True))) for row in rows])


def _scale_and_fill(*, transformer: Any, marker: Any, filler: Any) -> ScaleAndFill:
    both = ScaleAndFill(transformer, marker)
    both.filler = filler
    return both


TRANSFORMER = a(*(getattr(transforms, name.removeprefix("transforms.")) for name in TRANSFORMERS), Pipeline)
_EPOCHS = (
    *("epoch", "seconds", "lr", "train_loss", "train_accuracy", "train_macro_f1"),
    *("valid_loss", "valid_accuracy", "valid_macro_f1", "valid_monitor"),
)
_NUMBERS = items(Must("a number or null", lambda value: value is None or type(value) in (int, float)))
_SIZES = Must(
    "two numbers of features",
    lambda value: type(value) is tuple and len(value) == 2 and all(map(integer().holds, value)),
)
_FILLER = a(transforms.FillMissing)

FITTED_KINDS: dict[str, Kind] = {
    "fitted model": Kind(
        build=FittedParts,
        fields={
            "module": a(nn.Module),
            "frozen": items(TEXT),
            "classes": LABELS,
            "contract": a(InputContract),
            "prior": a(ClassPrior),
            "size": a(DataSize),
            "automatic": OF_TEXT,
            "changed": OF_TEXT,
            "history": a(History),
            "device": TEXT,
            "training": optional(a(TrainingState)),
            "output": optional(one_of("default", "pandas", "polars")),
        },
    ),
    "class prior": Kind(
        build=ClassPrior, fields={"natural": VECTOR, "trained": VECTOR, "adjustment": VECTOR}
    ),
    "data size": Kind(
        build=DataSize, fields={"n_samples": COUNT, "median_length": POSITIVE, "has_tokens": BOOLEAN}
    ),
    "history": Kind(build=_history, fields=dict.fromkeys(_EPOCHS, _NUMBERS)),
    "input contract": Kind(
        build=InputContract,
        fields={
            "padding_value": Must(
                "a number or null", lambda value: value is None or type(value) in (int, float)
            ),
            "missing": one_of("error", "keep"),
            "n_features": integer(),
            "n_static_features": integer(),
            "width": optional(COUNT),
            "list_length": optional(COUNT),
            "needs_lengths": BOOLEAN,
            "column_names": a(ColumnNames),
            "name": TEXT,
            "scaling": a(Scaling),
            "scaled_sizes": _SIZES,
            "vocabularies": optional(VOCABULARIES),
        },
        learned={"training_range": a(TrainingRange)},
    ),
    "scale and fill": Kind(
        build=_scale_and_fill,
        fields={"transformer": optional(TRANSFORMER), "marker": _FILLER, "filler": _FILLER},
    ),
    "scaling": Kind(
        build=Scaling,
        fields={
            "transformer": Must(
                "a transformer or null",
                lambda value: value is None or isinstance(value, ScaleAndFill) or TRANSFORMER.holds(value),
            )
        },
    ),
    "training range": Kind(
        build=TrainingRange,
        fields={
            "columns": items(integer(), tuple),
            "longest": COUNT,
            **dict.fromkeys(("lowest_mean", "highest_mean", "lowest_deviation", "highest_deviation"), VECTOR),
        },
    ),
    "training state": TRAINING_STATE,
}
