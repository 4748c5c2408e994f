"""Labels <-> class indices, and the weight of each sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d
from torch import Tensor

from seqclf.sampling import WEIGHT_SCHEMES, WeightScheme, class_weights

ClassWeight = Mapping[Any, float] | WeightScheme | None
Labels = NDArray[Any]


def check_labels(y: ArrayLike | None, n_samples: int) -> Labels:
    """Return `y` as a one-dimensional array with one class label per sequence."""
    if y is None:
        raise ValueError(
            "A classifier requires y to be passed, but the target y is None. Pass one label per sequence."
        )
    labels: Labels = column_or_1d(_one_kind(y), warn=True)
    _check_kind(labels)
    check_classification_targets(labels)
    if labels.shape[0] != n_samples:
        raise ValueError(
            f"`y` must hold one label for each of the {n_samples} sequences; got {labels.shape[0]}. "
            "Were rows dropped from one of them?"
        )
    return labels


def _one_kind(labels: ArrayLike) -> ArrayLike:
    """Check a list before NumPy converts it: text and NaN together would silently become text."""
    if isinstance(labels, list | tuple):
        objects = np.asarray(labels, dtype=object)
        if objects.ndim == 1:
            _check_kind(objects)
    return labels


def _check_kind(labels: Labels) -> None:
    """Raise unless the labels can be compared and sorted: no NaN, no infinity, no mixture of types."""
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        i = int(np.flatnonzero(~np.isfinite(labels))[0])
        raise ValueError(
            f"`y` must hold a label for each sequence; got y[{i}]={labels[i]}. Drop samples without a label."
        )
    if labels.dtype.kind == "O":
        kinds = sorted({"str" if isinstance(label, str) else type(label).__name__ for label in labels})
        if len(kinds) > 1 and "str" in kinds:
            raise TypeError(
                f"`y` must hold labels of one type; got a mixture of {', '.join(kinds)}. "
                "Drop samples without a label, and make the others all text or all numbers."
            )


def check_classes(labels: ArrayLike) -> Labels:
    """Return the sorted classes; at least two."""
    given = np.asarray(_one_kind(labels))
    _check_kind(given)
    classes: Labels = np.unique(given)
    if classes.shape[0] < 2:
        got = f"1 class, {classes.tolist()[0]!r}" if classes.shape[0] else "no class"
        raise ValueError(
            f"A classifier needs samples of at least 2 classes; got {got}. "
            "Was a table that is sorted by class cut, or do all other samples have weight 0?"
        )
    return classes


def check_same_classes(classes: Labels, known: Labels) -> None:
    """Raise unless `classes` are those that the first call set."""
    if not np.array_equal(classes, known):
        raise ValueError(
            f"`classes` must be those of the first call, {known.tolist()}; got {classes.tolist()}. "
            "Fit a new estimator for other classes."
        )


def encode(labels: Labels, classes: Labels, *, name: str = "y") -> Tensor:
    """Return the index of each label in the sorted `classes`, int64."""
    codes = np.searchsorted(classes, labels).clip(max=classes.shape[0] - 1)
    unknown = np.flatnonzero(classes[codes] != labels)
    if unknown.size:
        i = int(unknown[0])
        raise ValueError(
            f"`{name}` must hold the classes {classes.tolist()} only; got {name}[{i}]={labels[i]!r}. "
            "Fit with all classes, or pass `classes` to the first `partial_fit`."
        )
    return torch.from_numpy(codes.astype(np.int64))


def weight_of_classes(
    class_weight: ClassWeight, labels: Labels, classes: Labels
) -> NDArray[np.float64] | None:
    """Return the weight of each class, (n_classes,); None if all count equally.

    Schemes count the classes that occur, because `partial_fit` may see only some of them; a class that does not occur has
    weight 1.
    """
    if class_weight is None:
        return None
    _check_class_weight(class_weight, classes)
    by_label = (
        class_weight if isinstance(class_weight, Mapping) else class_weights(labels, scheme=class_weight)
    )
    return np.array([by_label.get(label, 1.0) for label in classes], dtype=np.float64)


def loss_weights(
    weights: NDArray[np.float64] | None, of_class: NDArray[np.float64] | None, target: Tensor
) -> Tensor | None:
    """Return the weights of samples times those of their classes, with a mean of 1; None if there are neither.

    Only their ratios matter: in float32, weights of 1e-50 would all be 0.
    """
    if of_class is not None:
        of_samples = of_class[target.numpy()]
        weights = of_samples if weights is None else weights * of_samples
    if weights is None:
        return None
    mean = weights.mean()
    if not mean > 0:
        raise ValueError(
            "`class_weight` must leave a sample with a positive weight; got weights that are all 0. Training would have no "
            "effect."
        )
    return torch.from_numpy((weights / mean).astype(np.float32))


def _check_class_weight(class_weight: ClassWeight, classes: Labels) -> None:
    if not isinstance(class_weight, Mapping):
        if class_weight not in WEIGHT_SCHEMES:
            raise ValueError(
                f"`class_weight` must be a dict, one of {list(WEIGHT_SCHEMES)} or None; got {class_weight!r}."
            )
        return
    known = set(classes.tolist())
    for label, weight in class_weight.items():
        if label not in known:
            raise ValueError(
                f"`class_weight` must name classes among {classes.tolist()}; got {label!r}. Is it spelled as in `y`?"
            )
        if not (np.isfinite(weight) and weight >= 0):
            raise ValueError(
                f"`class_weight` must be finite and not negative; got {weight!r} for class {label!r}. "
                "A class without a weight has weight 1."
            )
