"""The arguments of `sweep` that concern samples -> what all trials share."""

from __future__ import annotations

from typing import Any, Literal

from numpy.typing import ArrayLike

from seqclf._checks import check_sample_weight
from seqclf._labels import read_labels
from seqclf._row_order import check_row_order
from seqclf.sequences import as_sequences, check_finite, warn_of_swapped_axes
from seqclf.training import Monitor
from seqclf.transforms import FillMissing
from seqclf.tuning._check_space import parameters_of
from seqclf.tuning._cross_validation import CrossValidation, Scoring, classifier_of, make_splits
from seqclf.tuning._distributions import Space
from seqclf.tuning._epoch_value import EpochValue, common_monitor


def new_cross_validation(
    estimator: Any,
    space: Space,
    X: Any,
    y: ArrayLike,
    *,
    lengths: ArrayLike | None,
    sample_weight: ArrayLike | None,
    cv: Any,
    scoring: Scoring,
    seed: int,
) -> CrossValidation:
    """Convert the samples once, so that each trial only selects from them."""
    warn_of_swapped_axes(X, stacklevel=3)
    check_row_order(X=X, y=y, sample_weight=sample_weight)
    missing, padding_value = _missing(estimator, space), classifier_of(estimator).padding_value
    sequences = as_sequences(
        X, lengths=lengths, padding_value=padding_value, dtype=None, missing=missing, check_axes=False
    )
    check_finite(sequences, missing=missing)
    labels = read_labels(y)
    if labels.shape != (len(sequences),):
        raise ValueError(
            f"`y` must have one label for each of the {len(sequences)} sequences; got shape {labels.shape}."
        )
    weights = None if sample_weight is None else check_sample_weight(sample_weight, len(sequences))
    validation = CrossValidation(
        estimator=estimator,
        X=sequences,
        y=labels,
        splits=make_splits(cv, labels, seed),
        scoring=scoring,
        seed=seed,
        weights=weights,
        epoch_value=EpochValue.of(scoring, _monitor(estimator, space), weighted=weights is not None),
    )
    validation.check_weights()
    return validation


def _missing(estimator: Any, space: Space) -> Literal["error", "keep"]:
    """Return "keep" if some trial may take missing values; each trial then decides for itself."""
    given = {name: value for name, value in estimator.get_params().items() if _is_missing(name)}
    steps = [step for _, step in getattr(estimator, "steps", ())]
    refused = all(isinstance(value, str) and value == "error" for value in given.values())
    varied = any(map(_is_missing, parameters_of(space)))
    return (
        "keep" if varied or not refused or any(isinstance(step, FillMissing) for step in steps) else "error"
    )


def _is_missing(name: str) -> bool:
    """Return whether a parameter, of any step, is `missing`."""
    return name.rpartition("__")[2] == "missing"


def _monitor(estimator: Any, space: Space) -> Monitor:
    """Return what the classifiers of all trials monitor."""
    prefix = f"{estimator.steps[-1][0]}__" if hasattr(estimator, "steps") else ""
    return common_monitor(classifier_of(estimator).monitor, space, f"{prefix}monitor")
