"""Class labels as a constant of a graph."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf.export._graph import BOOL, DOUBLE, INT64, TEXT


def as_constant(classes: NDArray[Any]) -> NDArray[Any]:
    """Return labels as text, int64, float64 or bool."""
    labels = classes.tolist()
    for kind, dtype in ((str, TEXT), (bool, BOOL), (int, INT64), (float, DOUBLE)):
        if all(isinstance(label, kind) for label in labels):
            try:
                return np.array(labels, dtype)
            except OverflowError:
                break
    raise TypeError(
        f"`to_onnx` can export labels that are text, booleans, floats, or integers of 64 bits; got {labels[-1]!r:.100} "
        f"({type(labels[-1]).__name__}). Fit to labels of one of these types."
    )
