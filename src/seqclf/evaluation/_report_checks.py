"""Do the fields of a report fit together?"""

from __future__ import annotations

from typing import Any

import numpy as np

from seqclf.evaluation._labels import IntArray, Label


def check_confusion(confusion: Any, n_classes: int) -> IntArray:
    """Return a read-only int64 copy of a square matrix of counts."""
    array = np.asarray(confusion)
    if array.shape != (n_classes, n_classes):
        raise ValueError(
            f"`confusion` must have a row and a column for each of the {n_classes} classes; "
            f"got shape {array.shape}. Pass the `labels` it was made with."
        )
    if array.dtype.kind not in "iu":
        raise ValueError(
            f"`confusion` must hold counts, as integers; got {array.dtype}. Do not normalise it."
        )
    if (array < 0).any():
        i, j = (int(k) for k in np.argwhere(array < 0)[0])
        raise ValueError(
            f"`confusion` must hold counts, zero or more; got confusion[{i}, {j}]={array[i, j]}. "
            "Is it a difference?"
        )
    if not array.any():
        raise ValueError(
            "`confusion` must count at least one sample; got zeros only. Was everything filtered out?"
        )
    copy = np.array(array, dtype=np.int64)
    copy.setflags(write=False)
    return copy


def check_areas(name: str, areas: tuple[float | None, ...]) -> None:
    """Raise unless each area is unknown or a share."""
    for i, area in enumerate(areas):
        if area is not None and not 0 <= area <= 1:  # also True for NaN
            raise ValueError(
                f"`{name}` must lie in [0, 1]; got {area!r} at {name}[{i}]. Use None where it is undefined."
            )


def check_target_names(target_names: Any, labels: tuple[Label, ...]) -> None:
    """Raise unless every class has a name of its own."""
    if isinstance(target_names, str) or len(target_names) != len(labels):
        raise ValueError(
            f"`target_names` must name each of the {len(labels)} classes; got {target_names!r}. "
            "Give one name per label, in the order of `labels`."
        )
    for i, name in enumerate(target_names):
        if name in target_names[:i]:
            raise ValueError(
                f"`target_names` must differ from each other; got {name!r} at target_names[{i}] again. "
                "Give each class its own name."
            )
