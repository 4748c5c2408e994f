"""Is each row of probabilities a distribution over the classes?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from seqclf._checks import check_reals
from seqclf.evaluation._scores import FloatArray

_ROW_SUM_TOLERANCE = 1e-3  # more than the rounding error of five classes in float16


def check_proba(proba: ArrayLike, n_samples: int, classes: Sequence[Any]) -> FloatArray:
    """Return probabilities as float64; raise unless each row is a distribution over the classes."""
    array = check_reals("proba", proba)
    if array.shape != (n_samples, len(classes)):
        raise ValueError(
            f"`proba` must have shape ({n_samples}, {len(classes)}), one row per sample and one column per "
            f"class; got {array.shape}. Pass `labels` in the order of its columns, for example `clf.classes_`."
        )
    array = _in_order_of_classes(array, getattr(proba, "columns", None), classes)
    outside = ~((array >= 0) & (array <= 1 + _ROW_SUM_TOLERANCE))  # also True for NaN
    if outside.any():
        row, column = (int(i) for i in np.argwhere(outside)[0])
        raise ValueError(
            f"`proba` must be in [0, 1]; got proba[{row}, {column}]={array[row, column]:.6g}. "
            "Pass the output of `predict_proba`, not logits."
        )
    sums = array.sum(axis=1)
    wrong = np.flatnonzero(np.abs(sums - 1) > _ROW_SUM_TOLERANCE)
    if wrong.size:
        row = int(wrong[0])
        raise ValueError(
            f"Each row of `proba` must sum to 1; got {sums[row]:.6g} in row {row}. "
            "Pass the probabilities of all classes."
        )
    return array


def _in_order_of_classes(array: FloatArray, columns: Any, classes: Sequence[Any]) -> FloatArray:
    """Order the columns of a data frame by their names, which are classes; default names are positions."""
    if columns is None:
        return array
    names = list(columns)
    as_text = list(map(str, classes))  # a file and polars make text of all names
    for wanted in (list(classes), as_text):
        if len(set(names)) == len(names) and set(names) == set(wanted):
            return array[:, [names.index(name) for name in wanted]]
    if names in (list(range(len(names))), [f"column_{i}" for i in range(len(names))]):  # pandas, polars
        return array
    raise ValueError(
        f"The columns of `proba` must be the classes {list(classes)!r:.200}; got {names!r:.200}. Rename them, or pass "
        "`proba.to_numpy()` if its columns are in the order of the classes."
    )
