"""Labels of any kind -> class indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Label: TypeAlias = str | int | float | bool
IntArray: TypeAlias = NDArray[np.int64]


def as_label_list(y: ArrayLike, name: str) -> list[Any]:
    """Return labels as a list of Python scalars; raise if they are not one-dimensional or empty.

    Python scalars handle strings, integers, booleans and objects alike, and hashing a million of them is several times
    faster than sorting as many strings.
    """
    # Without `dtype=object`, a list such as ["N", 1] would silently become strings.
    array = np.asarray(y, dtype=object if isinstance(y, list | tuple) else None)
    if array.ndim != 1:
        hint = (
            "Pass probabilities as `proba`." if array.ndim == 2 and array.shape[1] > 1 else "Use `.ravel()`."
        )
        raise ValueError(
            f"`{name}` must contain one label per sample; got an array of shape {array.shape}. {hint}"
        )
    if array.size == 0:
        raise ValueError(
            f"`{name}` must contain at least one label; got none. Were all samples filtered out?"
        )
    values: list[Any] = array.tolist()
    if array.dtype == object:
        values = [value.item() if isinstance(value, np.generic) else value for value in values]
    return values


def sorted_labels(*columns: list[Any]) -> list[Any]:
    """Return the distinct labels, sorted."""
    observed = set().union(*columns)
    try:
        return sorted(observed)
    except TypeError:
        kinds = ", ".join(sorted({type(label).__name__ for label in observed}))
        raise TypeError(
            f"Labels must be of one type (all strings, or all numbers); got a mixture of {kinds}. "
            "Convert them to one type."
        ) from None


def check_values(values: list[Any], name: str) -> None:
    """Raise if a label is missing, not hashable, or a score instead of a label."""
    try:
        observed = set(values)
    except TypeError:
        raise TypeError(
            f"`{name}` must contain strings, integers or booleans; got a {type(values[0]).__name__} in {name}[0]. "
            "Pass one label per sample."
        ) from None
    for label in observed:
        if label is None or (isinstance(label, float) and not label.is_integer()):
            at = next(i for i, value in enumerate(values) if value is label or value == label)
            missing = label is None or label != label
            raise ValueError(
                f"`{name}` must contain a class label for every sample; got {name}[{at}]={label!r}. "
                + ("Drop or fill missing labels." if missing else "Pass scores and probabilities as `proba`.")
            )


def check_labels(labels: Sequence[Any], source: str = "`labels`") -> tuple[Label, ...]:
    """Return the classes as Python scalars; raise if they are not unique, or fewer than two."""
    checked = tuple(as_label_list(labels, "labels"))
    if repeated := first_repeated(checked):
        i, j = repeated
        raise ValueError(
            f"`labels` must contain each class once; got {checked[j]!r} at labels[{i}] and labels[{j}]. Remove the second."
        )
    if len(checked) < 2:
        raise ValueError(
            f"{source} must contain at least two classes; got only {checked[0]!r}. "
            "Pass all classes of the classifier, for example `labels=clf.classes_`."
        )
    return checked


def first_repeated(values: Sequence[Any]) -> tuple[int, int] | None:
    """Return the first two positions of the first value that is repeated; None if all values differ."""
    first: dict[Any, int] = {}
    for i, value in enumerate(values):
        if first.setdefault(value, i) != i:
            return first[value], i
    return None


def encode(values: list[Any], labels: Sequence[Label], name: str) -> IntArray:
    """Return the index of each value in `labels`, int64."""
    index = {label: i for i, label in enumerate(labels)}
    unknown = set(values) - index.keys()
    if unknown:
        at = next(i for i, value in enumerate(values) if value in unknown)
        raise ValueError(
            f"`labels` must contain every label of `{name}`; got {name}[{at}]={values[at]!r}, "
            f"which is not among {_shortened(labels)}. Add it to `labels`, or drop these samples."
        )
    return np.fromiter(map(index.__getitem__, values), dtype=np.int64, count=len(values))


def _shortened(labels: Sequence[Label]) -> str:
    """Write at most ten labels."""
    shown = ", ".join(repr(label) for label in labels[:10])
    return shown + (f", ... ({len(labels)} in all)" if len(labels) > 10 else "")
