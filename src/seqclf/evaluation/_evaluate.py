"""True labels, predicted labels and probabilities -> report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import average_precision_score, roc_auc_score

from seqclf._checks import check_sequence
from seqclf._row_order import check_row_order
from seqclf.evaluation._column_order import warn_of_column_order
from seqclf.evaluation._counts import Counts
from seqclf.evaluation._labels import (
    IntArray,
    as_label_list,
    check_labels,
    check_values,
    encode,
    sorted_labels,
)
from seqclf.evaluation._probabilities import check_proba
from seqclf.evaluation._report import Report
from seqclf.evaluation._scores import FloatArray


def evaluate(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    proba: ArrayLike | None = None,
    *,
    labels: Sequence[Any] | np.ndarray[Any, Any] | None = None,
    target_names: Sequence[str] | None = None,
) -> Report:
    """Compute the scores of predicted labels.

    Parameters
    ----------
    y_true, y_pred : array of shape (n_samples,)
        True and predicted labels: strings, integers, booleans, or floats that are whole numbers.
    proba : array of shape (n_samples, n_classes), optional
        Probability of each class, with columns in the order of `labels`; each row sums to one. Adds the one-versus-rest
        ROC-AUC and average precision.
    labels : sequence of n_classes labels, optional
        Classes and their order, for example `clf.classes_`. Default: the labels in `y_true` and `y_pred`, sorted.
    target_names : sequence of n_classes str, optional
        Names of the classes in tables and plots. Default: the labels as strings.

    Returns
    -------
    Report
        Scores of each class and overall. A class that was never predicted has precision 0.0.

    Raises
    ------
    ValueError
        If lengths differ, a label is missing or not among `labels`, there are fewer than two classes, or `proba` does
        not contain a distribution over `labels` for each sample.
    TypeError
        If labels have different types.

    Warns
    -----
    SeqclfWarning
        If `y_pred` contradicts `proba`, but would fit it if the columns had another order.

    Notes
    -----
    The scores depend on how the samples were split. If samples of one patient are in both the training and the test
    set, they are higher than for new patients; see `split_by_group`.

    Examples
    --------
    >>> from seqclf.evaluation import evaluate
    >>> report = evaluate(["N", "N", "N", "V", "V"], ["N", "N", "V", "V", "V"])
    >>> report
    Report(2 classes, 5 samples, accuracy 0.8000, macro F1 0.8000)
    >>> report.confusion
    array([[2, 1],
           [0, 2]])
    """
    check_row_order(y_true=y_true, y_pred=y_pred, proba=proba)
    true, predicted = as_label_list(y_true, "y_true"), as_label_list(y_pred, "y_pred")
    if len(true) != len(predicted):
        raise ValueError(
            f"`y_true` and `y_pred` must have the same length; got {len(true)} and {len(predicted)}. "
            "Were both taken from the same samples?"
        )
    check_values(true, "y_true")
    check_values(predicted, "y_pred")
    if labels is None:
        classes = check_labels(sorted_labels(true, predicted), "`y_true` and `y_pred`")
    else:
        classes = check_labels(check_sequence("labels", labels, "classes"))
    true_index, predicted_index = encode(true, classes, "y_true"), encode(predicted, classes, "y_pred")

    counts = Counts.of_samples(true_index, predicted_index, len(classes))
    areas = {}
    if proba is not None:
        checked = check_proba(proba, len(true), classes)
        warn_of_column_order(predicted_index, checked, classes, stacklevel=2)
        areas = _areas(true_index, checked)
    given = classes if target_names is None else check_sequence("target_names", target_names, "names")
    names = tuple(map(str, given))
    return Report(labels=classes, target_names=names, confusion=counts, **areas)


def _areas(true: IntArray, proba: FloatArray) -> dict[str, tuple[float | None, ...]]:
    """Compute the areas under the one-versus-rest curves, None where a curve is undefined."""
    roc_auc: list[float | None] = []
    average_precision: list[float | None] = []
    for k in range(proba.shape[1]):
        positive, score = true == k, proba[:, k]
        n_positive = int(positive.sum())
        defined = 0 < n_positive < len(true)
        roc_auc.append(float(roc_auc_score(positive, score)) if defined else None)
        # The sum of rounded precisions may exceed 1.
        precision = min(1.0, float(average_precision_score(positive, score))) if n_positive else None
        average_precision.append(precision)
    return {"roc_auc": tuple(roc_auc), "average_precision": tuple(average_precision)}
