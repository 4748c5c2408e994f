"""Labels <-> class indices, and the weight of each sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.multiclass import check_classification_targets
from torch import Tensor

from seqclf._checks import check_not_negative
from seqclf._labels import read_labels
from seqclf.sampling import WEIGHT_SCHEMES, WeightScheme, class_weights

Labels = NDArray[Any]
ClassWeight = Mapping[Any, float] | WeightScheme | None


def check_labels(y: ArrayLike | None, n_samples: int) -> Labels:
    """Return `y` as a one-dimensional array with one class label per sequence."""
    if y is None:
        raise ValueError(
            "A classifier requires y to be passed, but the target y is None. Pass one label per sequence."
        )
    labels = read_labels(y)
    _check_kind(labels)
    if labels.shape[0] != n_samples:
        raise ValueError(
            f"`y` must hold one label for each of the {n_samples} sequences; got {labels.shape[0]}. "
            "Were rows dropped from one of them?"
        )
    return labels


def _check_kind(labels: Labels) -> None:
    """Raise for what scikit-learn takes for a regression target, or does not know."""
    if any(
        isinstance(label, bytes) for label in labels[:1]
    ):  # of which older versions of scikit-learn only warn
        raise TypeError(
            f"`y` must hold class labels: text, integers or booleans; got bytes, {labels[0]!r:.40}. Decode them: "
            "`[label.decode() for label in y]`."
        )
    try:
        check_classification_targets(labels)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"`y` must hold class labels: text, integers or booleans; got dtype {labels.dtype} ({error}) Encode them, for "
            "example as text."
        ) from error


def check_classes(labels: ArrayLike) -> Labels:
    """Return the sorted classes; at least two."""
    classes: Labels = np.unique(read_labels(labels, "classes"))
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
    try:
        codes = np.searchsorted(classes, labels).clip(max=classes.shape[0] - 1)
        unknown = np.flatnonzero(classes[codes] != labels)
    except TypeError:  # text and numbers, for example, have no order
        unknown = np.arange(len(labels))
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
    by_label = _weight_by_label(class_weight, labels, classes)
    return np.array([by_label.get(label, 1.0) for label in classes], dtype=np.float64)


def loss_weights(
    weights: NDArray[np.float64] | None, of_class: NDArray[np.float64] | None, target: Tensor
) -> Tensor | None:
    """Return the weights of samples times those of their classes, with a mean of 1; None if there are neither.

    Only their ratios matter: in float32, weights of 1e-50 would all be 0.
    """
    if of_class is not None:
        of_samples = scaled(of_class)[target.numpy()]
        weights = of_samples if weights is None else scaled(weights) * of_samples
    if weights is None:
        return None
    if not weights.any():
        raise ValueError(
            "`class_weight` must leave a sample with a positive weight; got weights that are all 0. Training would have no "
            "effect."
        )
    weights = scaled(weights)
    return torch.from_numpy((weights / weights.mean()).astype(np.float32))


def scaled(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weights times the power of 2 that brings the largest to [0.5, 1): sums and products neither vanish nor overflow."""
    scaled: NDArray[np.float64] = np.ldexp(weights, -np.frexp(weights.max())[1])
    return scaled


def _weight_by_label(class_weight: Any, labels: Labels, classes: Labels) -> Mapping[Any, float]:
    if not isinstance(class_weight, Mapping):
        if not isinstance(class_weight, str) or class_weight not in WEIGHT_SCHEMES:
            raise ValueError(
                f"`class_weight` must be a dict, one of {list(WEIGHT_SCHEMES)} or None; got {class_weight!r}."
            )
        return class_weights(labels, scheme=class_weight)
    known = set(classes.tolist())
    for label in class_weight:
        if label not in known:
            raise ValueError(
                f"`class_weight` must name classes among {classes.tolist()}; got {label!r}. Is it spelled as in `y`?"
            )
    advice = "A class without a weight has weight 1."
    return {
        label: check_not_negative(f"class_weight[{label!r}]", weight, advice)
        for label, weight in class_weight.items()
    }
