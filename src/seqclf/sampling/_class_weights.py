"""Class weights for the loss."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from seqclf._checks import check_choice, check_number
from seqclf.sampling._classes import classes_of

WeightScheme = Literal["balanced", "inverse_sqrt", "effective_number"]
WEIGHT_SCHEMES: tuple[WeightScheme, ...] = get_args(WeightScheme)


def class_weights(
    y: ArrayLike, *, scheme: WeightScheme = "balanced", beta: float = 0.999
) -> dict[Any, float]:
    """Compute a weight for each class, larger for rare ones.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Class of each sample.
    scheme : {"balanced", "inverse_sqrt", "effective_number"}, default="balanced"
        Weight of a class of n samples, up to a common factor: 1 / n, 1 / sqrt(n), or (1 - beta) / (1 - beta ** n), the
        inverse of the effective number of samples.
    beta : float in [0, 1), default=0.999
        Used by "effective_number" only: 0 weights all classes equally; as beta approaches 1, the weights become those of
        "balanced".

    Returns
    -------
    dict of label to float
        For `class_weight` of the estimators. The mean over all samples is 1, so that the loss keeps its scale.

    Raises
    ------
    ValueError, TypeError
        If a parameter is out of range, or `y` does not hold one class per sample.

    Notes
    -----
    "balanced" gives scikit-learn's weights. Cui et al. instead scale the weights to sum to the number of classes.

    References
    ----------
    Cui, Jia, Lin, Song & Belongie, Class-balanced loss based on effective number of samples, CVPR 2019, arXiv:1901.05555.

    Examples
    --------
    >>> from seqclf.sampling import class_weights
    >>> y = ["N"] * 90 + ["V"] * 10
    >>> for scheme in ("balanced", "inverse_sqrt", "effective_number"):
    ...     print({label: round(weight, 2) for label, weight in class_weights(y, scheme=scheme).items()})
    {'N': 0.56, 'V': 5.0}
    {'N': 0.83, 'V': 2.5}
    {'N': 0.57, 'V': 4.9}
    """
    check_choice("scheme", scheme, WEIGHT_SCHEMES)
    beta = check_number("beta", beta)
    if not 0.0 <= beta < 1.0:
        raise ValueError(
            f"`beta` must lie in [0, 1); got {beta!r}. Values closer to 1 give rare classes more weight."
        )
    classes = classes_of(y)
    counts = classes.counts.numpy().astype(np.float64)
    if scheme == "balanced":
        weights = 1 / counts
    elif scheme == "inverse_sqrt":
        weights = 1 / np.sqrt(counts)
    else:
        weights = (1 - beta) / -np.expm1(counts * np.log(beta)) if beta > 0 else np.ones_like(counts)
    weights *= counts.sum() / (weights @ counts)
    return dict(zip(classes.names.tolist(), weights.tolist(), strict=True))
