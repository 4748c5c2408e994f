"""Are the columns of the probabilities in the order of the classes?"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from seqclf.evaluation._labels import IntArray
from seqclf.evaluation._scores import FloatArray
from seqclf.exceptions import SeqclfWarning

_FEWEST = 10
"""Samples per class below which another order may fit by chance."""

_MOST = 0.5
"""Below this fraction of samples whose most probable class is the predicted one, another order is tried."""

_NEARLY_ALL = 0.9
"""Fraction of samples for which another order must explain the predictions."""

_ROUNDING = 1e-6
"""Difference of two mean probabilities that counts as none: that of a class which is always predicted."""


def warn_of_column_order(
    predicted: IntArray, proba: FloatArray, classes: Sequence[Any], *, stacklevel: int = 1
) -> None:
    """Warn if the predicted classes contradict the probabilities, but fit them with the columns in another order.

    Thresholds and prior correction may predict another class than the most probable one, but each class still where it is more
    probable than elsewhere. With columns in the wrong order, classes are predicted where their columns are smaller than elsewhere.
    """
    if len(predicted) < _FEWEST * len(classes):
        return
    most_probable = proba.argmax(axis=1)
    agreement = float((most_probable == predicted).mean())
    if agreement >= _MOST:
        return
    from scipy.optimize import linear_sum_assignment

    n_classes = len(classes)
    pairs = np.bincount(predicted * n_classes + most_probable, minlength=n_classes**2)
    pairs = pairs.reshape(n_classes, n_classes)
    rows, columns = linear_sum_assignment(pairs, maximize=True)
    other = pairs[rows, columns].sum() / len(predicted)
    moved = predicted[columns[predicted] != predicted]
    own = proba[columns[predicted] != predicted, moved]
    if other < _NEARLY_ALL or own.mean() >= proba.mean(axis=0)[moved].mean() - _ROUNDING:
        return
    order = [classes[row] for row in np.argsort(columns)]
    warnings.warn(
        f"The columns of `proba` must be in the order of `labels`; got {classes!r:.200}, but the most probable class is the predicted "
        f"one in {agreement:.0%} of the samples, and in {other:.0%} with the columns in the order {order!r:.200}. Pass `labels` in the "
        "order of the columns, for example `clf.classes_`.",
        SeqclfWarning,
        stacklevel=stacklevel + 1,
    )
