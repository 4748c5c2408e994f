"""Do probabilities mean what they say?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqclf._checks import check_integer
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
    """Return the expected calibration error: how far probabilities lie from frequencies, on average.

    Predictions are sorted into bins of equal width by the probability of the predicted class; the error is the absolute
    difference of accuracy and mean probability, averaged over the bins with the number of their samples.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        True labels.
    proba : array of shape (n_samples, n_classes)
        Probability of each class, columns in the order of `labels`; each row sums to one.
    labels : sequence of n_classes labels, optional
        The classes in the order of the columns, for example `clf.classes_`. Default: those in `y_true`, sorted.
    n_bins : int, default=15
        Bins over [0, 1], as in the paper.
    per_class : bool, default=False
        Look at the probability of each class instead of that of the predicted one, and average over the classes: the
        classwise error of Kull et al., which sees what is wrong with rare classes.

    Returns
    -------
    float
        In [0, 1]; 0 where each confidence is the accuracy of those who have it.

    Raises
    ------
    ValueError
        If `proba` does not hold a distribution over `labels` for each sample, a label is unknown or `n_bins` is no
        positive integer.

    Notes
    -----
    The error of the predicted class can be small by accident: after balanced training the rare class is predicted with
    too much confidence and the frequent one with too little, and where both fall into one bin they cancel. Bins of few
    samples add a positive bias, of about 0.01 for a thousand samples.

    References
    ----------
    Guo, Pleiss, Sun & Weinberger, On calibration of modern neural networks, ICML 2017, arXiv:1706.04599. Kull et al.,
    Beyond temperature scaling, NeurIPS 2019, arXiv:1910.12656 (classwise).

    Examples
    --------
    Two predictions of confidence 0.9, one of them wrong: accuracy 0.5.

    >>> from seqclf.evaluation import calibration_error
    >>> round(calibration_error(["N", "V"], [[0.9, 0.1], [0.9, 0.1]]), 3)
    0.4
    """
    check_integer("n_bins", n_bins)
    true = as_label_list(y_true, "y_true")
    check_values(true, "y_true")
    classes = check_labels(sorted_labels(true), "`y_true`") if labels is None else check_labels(list(labels))
    truth = encode(true, classes, "y_true")
    table = check_proba(proba, len(true), classes)
    if per_class:
        errors = [_error(table[:, k], truth == k, n_bins) for k in range(len(classes))]
        return float(np.mean(errors))
    return _error(table.max(axis=1), table.argmax(axis=1) == truth, n_bins)


def _error(probability: FloatArray, happened: NDArray[np.bool_], n_bins: int) -> float:
    """Compare what was promised with what happened, bin by bin."""
    bins = np.minimum((probability * n_bins).astype(np.int64), n_bins - 1)
    # Of each bin: the sum of probabilities less the number of hits; weights and means cancel.
    gaps = np.bincount(bins, weights=probability - happened, minlength=n_bins)
    return float(np.abs(gaps).sum() / len(probability))
