"""Calibration: do predicted probabilities agree with observed frequencies?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqclf._checks import check_boolean, check_integer, check_sequence
from seqclf._row_order import check_row_order
from seqclf.evaluation._labels import as_label_list, check_labels, check_values, encode, sorted_labels
from seqclf.evaluation._probabilities import check_proba
from seqclf.evaluation._scores import FloatArray


def calibration_error(
    y_true: ArrayLike,
    proba: ArrayLike,
    *,
    labels: Sequence[Any] | np.ndarray[Any, Any] | None = None,
    n_bins: int = 15,
    per_class: bool = False,
) -> float:
    """Compute the expected calibration error.

    Predictions are grouped into bins of equal width by their confidence, the probability of the predicted class. The
    error is the absolute difference between accuracy and mean confidence, averaged over the bins and weighted by their
    numbers of samples.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        True labels.
    proba : array of shape (n_samples, n_classes)
        Probability of each class, with columns in the order of `labels`; each row sums to one.
    labels : sequence of n_classes labels, optional
        Classes in the order of the columns, for example `clf.classes_`. Default: the labels in `y_true`, sorted.
    n_bins : int, default=15
        Number of bins over [0, 1]. The default is that of Guo et al.
    per_class : bool, default=False
        Compute the error for the probability of each class instead of the predicted one, and average over the classes.
        This classwise error (Kull et al.) shows whether rare classes are miscalibrated.

    Returns
    -------
    float
        In [0, 1]; 0 if the accuracy in each bin equals the mean confidence.

    Raises
    ------
    ValueError
        If `proba` does not contain a distribution over `labels` for each sample, a label is not among `labels`, or
        `n_bins` is below 1.

    Notes
    -----
    Errors can cancel within a bin: after balanced training, rare classes are predicted with too much confidence and
    frequent ones with too little. The classwise error does not have this problem. Bins with few samples add a positive
    bias, about 0.01 for a thousand samples.

    References
    ----------
    Guo, Pleiss, Sun & Weinberger, On calibration of modern neural networks, ICML 2017, arXiv:1706.04599. Kull et al.,
    Beyond temperature scaling, NeurIPS 2019, arXiv:1910.12656 (classwise).

    Examples
    --------
    Two predictions with confidence 0.9, one of them wrong, so the accuracy is 0.5:

    >>> from seqclf.evaluation import calibration_error
    >>> round(calibration_error(["N", "V"], [[0.9, 0.1], [0.9, 0.1]]), 3)
    0.4
    """
    n_bins, per_class = check_integer("n_bins", n_bins), check_boolean("per_class", per_class)
    check_row_order(y_true=y_true, proba=proba)
    true = as_label_list(y_true, "y_true")
    check_values(true, "y_true")
    if labels is None:
        classes = check_labels(sorted_labels(true), "`y_true`")
    else:
        classes = check_labels(check_sequence("labels", labels, "classes"))
    truth = encode(true, classes, "y_true")
    table = check_proba(proba, len(true), classes)
    if per_class:
        errors = [_error(table[:, k], truth == k, n_bins) for k in range(len(classes))]
        return float(np.mean(errors))
    return _error(table.max(axis=1), table.argmax(axis=1) == truth, n_bins)


def _error(probability: FloatArray, correct: NDArray[np.bool_], n_bins: int) -> float:
    """Compare the mean probability with the frequency of correct predictions in each bin."""
    bins = np.minimum((probability * n_bins).astype(np.int64), n_bins - 1)
    # Sum of probabilities minus number of correct predictions; weights and means cancel.
    gaps = np.bincount(bins, weights=probability - correct, minlength=n_bins)
    return float(np.abs(gaps).sum() / len(probability))
