"""The share of right predictions, as `score` returns it."""

from __future__ import annotations

from numpy.typing import ArrayLike

from seqclf._checks import check_sample_weight
from seqclf.estimators._targets import Labels, check_labels, scaled


def accuracy(predicted: Labels, y: ArrayLike, sample_weight: ArrayLike | None) -> float:
    """Return the weighted share of predictions that equal the labels `y`."""
    from sklearn.metrics import accuracy_score  # here, because it takes 0.05 s to import

    weights = None if sample_weight is None else scaled(check_sample_weight(sample_weight, len(predicted)))
    true = check_labels(y, len(predicted))
    try:
        return float(accuracy_score(true, predicted, sample_weight=weights))
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"`y` must hold labels of the kind that `fit` saw, {predicted.dtype}; got {true.dtype} ({error})."
        ) from error
