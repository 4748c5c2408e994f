"""The arguments of `sweep` that concern samples -> what all trials share."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from seqclf._checks import check_sample_weight
from seqclf._labels import read_labels
from seqclf.sequences import as_sequences, check_finite, warn_of_swapped_axes
from seqclf.training import Monitor
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
    sequences = as_sequences(
        X, lengths=lengths, padding_value=classifier_of(estimator).padding_value, dtype=None
    )
    check_finite(sequences)
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


def _monitor(estimator: Any, space: Space) -> Monitor:
    """Return what the classifiers of all trials monitor."""
    prefix = f"{estimator.steps[-1][0]}__" if hasattr(estimator, "steps") else ""
    return common_monitor(classifier_of(estimator).monitor, space, f"{prefix}monitor")
