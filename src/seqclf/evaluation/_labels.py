"""Labels of any kind -> class indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Label: TypeAlias = str | int | float | bool
IntArray: TypeAlias = NDArray[np.int64]


def as_label_list(y: ArrayLike, name: str) -> list[Any]:
    """Return labels as Python scalars, checked to be one-dimensional and to hold no gap.

    Lists of Python scalars serve text, integers, booleans and objects alike, and hashing a million of them is
    several times faster than sorting as many strings.
    """
    # A list such as ["N", 1] would silently become text without `dtype=object`.
    array = np.asarray(y, dtype=object if isinstance(y, list | tuple) else None)
    if array.ndim != 1:
        hint = (
            "Probabilities go into `proba`." if array.ndim == 2 and array.shape[1] > 1 else "Use `.ravel()`."
        )
        raise ValueError(
            f"`{name}` must hold one label per sample; got an array of shape {array.shape}. {hint}"
        )
    if array.size == 0:
        raise ValueError(f"`{name}` must hold at least one label; got none. Was everything filtered out?")
    values: list[Any] = array.tolist()
    if array.dtype == object:
        values = [value.item() if isinstance(value, np.generic) else value for value in values]
    return values


def sorted_labels(*columns: list[Any]) -> list[Any]:
    """Return the labels that occur, sorted."""
    observed = set().union(*columns)
    try:
        return sorted(observed)
    except TypeError:
        kinds = ", ".join(sorted({type(label).__name__ for label in observed}))
        raise TypeError(
            f"Labels must be of one kind (all text, or all numbers); got a mixture of {kinds}. "
            "Convert them alike."
        ) from None


def check_values(values: list[Any], name: str) -> None:
    """Raise if a label is missing, cannot be hashed or is a score rather than a label."""
    try:
        observed = set(values)
    except TypeError:
        raise TypeError(
            f"`{name}` must hold text, integers or booleans; got a {type(values[0]).__name__} in {name}[0]. "
            "Pass one label per sample."
        ) from None
    for label in observed:
        if label is None or (isinstance(label, float) and not label.is_integer()):
            at = next(i for i, value in enumerate(values) if value is label or value == label)
            missing = label is None or label != label
            raise ValueError(
                f"`{name}` must hold a class label for every sample; got {name}[{at}]={label!r}. "
                + ("Drop or fill missing labels." if missing else "Scores and probabilities go into `proba`.")
            )


def check_labels(labels: Sequence[Any], source: str = "`labels`") -> tuple[Label, ...]:
    """Return the classes as Python scalars: unique, and at least two."""
    checked = tuple(as_label_list(labels, "labels"))
    for i, label in enumerate(checked):
        if label in checked[:i]:
            raise ValueError(
                f"`labels` must name each class once; got {label!r} at labels[{checked.index(label)}] "
                f"and labels[{i}]. Drop the second."
            )
    if len(checked) < 2:
        raise ValueError(
            f"{source} must hold at least two classes; got only {checked[0]!r}. "
            "Pass `labels=` with every class the classifier knows, for example `labels=clf.classes_`."
        )
    return checked


def encode(values: list[Any], labels: Sequence[Label], name: str) -> IntArray:
    """Return the place of each value in `labels`, int64."""
    index = {label: i for i, label in enumerate(labels)}
    unknown = set(values) - index.keys()
    if unknown:
        at = next(i for i, value in enumerate(values) if value in unknown)
        raise ValueError(
            f"`labels` must contain every label that occurs; got {name}[{at}]={values[at]!r}, "
            f"which is none of {_shortened(labels)}. Add it to `labels`, or drop these samples."
        )
    return np.fromiter(map(index.__getitem__, values), dtype=np.int64, count=len(values))


def _shortened(labels: Sequence[Label]) -> str:
    """Show at most ten labels."""
    shown = ", ".join(repr(label) for label in labels[:10])
    return shown + (f", ... ({len(labels)} in all)" if len(labels) > 10 else "")
