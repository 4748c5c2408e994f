"""Checks of the fields of a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from seqclf.evaluation._counts import Counts
from seqclf.evaluation._labels import Label, first_repeated


def check_confusion(confusion: Any, n_classes: int) -> Counts:
    """Return the counts of a matrix; raise unless it is a square matrix of counts."""
    array = np.asarray(confusion)
    if array.shape != (n_classes, n_classes):
        raise ValueError(
            f"`confusion` must have one row and one column for each of the {n_classes} classes; "
            f"got shape {array.shape}. Pass the `labels` it was computed with."
        )
    if array.dtype.kind not in "iu":
        raise ValueError(f"`confusion` must contain integer counts; got {array.dtype}. Do not normalise it.")
    if (array < 0).any():
        i, j = (int(k) for k in np.argwhere(array < 0)[0])
        raise ValueError(
            f"`confusion` must contain counts of at least 0; got confusion[{i}, {j}]={array[i, j]}. "
            "Is it a difference of two matrices?"
        )
    if not array.any():
        raise ValueError(
            "`confusion` must count at least one sample; got only zeros. Were all samples filtered out?"
        )
    return Counts.of_matrix(array)


def check_areas(name: str, areas: Sequence[float | None], n_classes: int) -> tuple[float | None, ...]:
    """Return one area per class, None for all if none are given; raise unless each is None or in [0, 1]."""
    if len(areas) not in (0, n_classes):
        raise ValueError(
            f"`{name}` must have one entry for each of the {n_classes} classes; got {len(areas)}. "
            "Use None where a value is unknown."
        )
    for i, area in enumerate(areas):
        if area is not None and not 0 <= area <= 1:  # NaN is refused too
            raise ValueError(
                f"`{name}` must be in [0, 1]; got {name}[{i}]={area!r}. Use None where it is undefined."
            )
    return tuple(areas) or (None,) * n_classes


def check_target_names(target_names: Any, labels: tuple[Label, ...]) -> None:
    """Raise unless each class has a unique name."""
    if isinstance(target_names, str) or len(target_names) != len(labels):
        raise ValueError(
            f"`target_names` must contain one name for each of the {len(labels)} classes; got {target_names!r}. "
            "Pass the names in the order of `labels`."
        )
    if repeated := first_repeated(target_names):
        i, j = repeated
        raise ValueError(
            f"`target_names` must be unique; got {target_names[i]!r} at target_names[{i}] and target_names[{j}]."
        )
