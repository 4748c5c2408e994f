"""Labels of samples: one for each, all of one kind, none missing."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils.validation import column_or_1d

Labels = NDArray[Any]


def read_labels(y: Any, name: str = "y") -> Labels:
    """Return labels as a one-dimensional array; numbers of dtype object become numbers.

    A column of shape (n, 1) is flattened with scikit-learn's warning.
    """
    if np.ma.is_masked(y):
        raise ValueError(
            f"`{name}` must hold a label for each sample; got a masked array. Drop samples without a label."
        )
    labels = _as_array(y, name)
    if labels.ndim != 1 and labels.shape[1:] != (1,):
        advice = f" If it is one-hot, pass `{name}.argmax(axis=1)`." if labels.ndim == 2 else ""
        raise ValueError(
            f"`{name}` must hold one label for each sample; got an array of shape {labels.shape}.{advice}"
        )
    labels = np.asarray(column_or_1d(labels, warn=True))
    missing = np.flatnonzero(_is_missing(labels))
    if missing.size:
        i = int(missing[0])
        raise ValueError(
            f"`{name}` must hold a label for each sample; got {name}[{i}]={labels[i]}. Drop samples without a label."
        )
    if labels.dtype.kind != "O":
        return labels
    kind = _kind_of(labels, name)
    if kind in ("dict", "list", "ndarray", "set", "tuple"):
        raise TypeError(f"`{name}` must hold text, numbers or booleans; got a {kind} at {name}[0].")
    # Text in an array of objects stays there, as in scikit-learn.
    as_values = isinstance(y, list | tuple) or kind in ("bool", "float", "int")
    values: Labels = np.array(labels.tolist()) if as_values else labels
    return values


def _as_array(y: Any, name: str) -> Labels:
    try:
        return _read(y)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"`{name}` must hold one label for each sample; got {type(y).__name__} ({error!s:.200}). Pass a list or an array."
        ) from error


def _read(y: Any) -> Labels:
    if isinstance(y, torch.Tensor):
        return y.detach().cpu().numpy()
    if not isinstance(y, list | tuple):
        return np.asarray(y)
    # NumPy would turn a mixture of text and numbers into text.
    objects = np.asarray(y, dtype=object)
    return objects if objects.ndim == 1 else np.asarray(y)


def _is_missing(labels: Labels) -> NDArray[np.bool_]:
    """Return which labels are None, NaN, infinite, `pandas.NA` or not a time."""
    if labels.dtype.kind == "f":
        return ~np.isfinite(labels)
    if labels.dtype.kind in "mM":
        return np.isnat(labels)
    if labels.dtype.kind != "O":
        return np.zeros(labels.shape, dtype=bool)
    return np.array([_has_no_value(label) for label in labels], dtype=bool)


def _has_no_value(label: Any) -> bool:
    if label is None or type(label).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(label, float | np.floating) and not np.isfinite(label)


def _kind_of(labels: Labels, name: str) -> str:
    """Return the kind of labels, such as "int" or "str"; raise if they are a mixture."""
    kinds = sorted(set(map(_kind, labels)))
    if len(kinds) > 1 and kinds != ["float", "int"]:
        raise TypeError(
            f"`{name}` must hold labels of one type; got a mixture of {', '.join(kinds)}. "
            "Make them all text or all numbers."
        )
    return kinds[0] if kinds else "none"


def _kind(label: Any) -> str:
    if isinstance(label, bool | np.bool_):
        return "bool"
    for kind, of_kind in (("int", Integral), ("float", Real), ("str", str)):
        if isinstance(label, of_kind):
            return kind
    return type(label).__name__
