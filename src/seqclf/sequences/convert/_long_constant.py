"""Features that hold one value per id, such as a label or an age that was not named: a warning."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf.exceptions import SeqclfWarning


def warn_of_constant_columns(values: NDArray[Any], offsets: NDArray[np.int64], columns: list[Any]) -> None:
    """Warn of columns that are constant within each of several sequences, and differ between them."""
    lengths = np.diff(offsets)
    longest, several = int(lengths.argmax()), np.flatnonzero(lengths > 1)
    if len(several) < 2:
        return
    constant = [
        name
        for name, column in zip(columns, values.T, strict=True)
        # Most columns change in the longest sequence, so that the others need not be read.
        if not _differ(column[offsets[longest] : offsets[longest + 1]]).any()
        and _identifies(column, offsets, several)
    ]
    if constant:
        others = [name for name in columns if name not in constant]
        example = f", for example `values={others!r:.200}`" if others else ""
        warnings.warn(
            f"Columns that have one value in all rows of an id became features of each step: {constant!r:.200}. A label among them would be "
            "predicted from itself. Name the label in `target`, features of the whole sequence in `static`, and features of the steps in "
            f"`values`{example}.",
            SeqclfWarning,
            stacklevel=4,
        )


def _identifies(column: NDArray[Any], offsets: NDArray[np.int64], several: NDArray[np.int64]) -> bool:
    """Return whether a column is constant within each sequence, but not the same in all that have several steps."""
    within = _differ(column)
    within[offsets[1:-1] - 1] = False
    return not within.any() and bool(_differ(column[offsets[several]]).any())


def _differ(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which of `values[1:]` differ from the value before; missing ones are equal."""
    later, earlier = values[1:], values[:-1]
    differ: NDArray[np.bool_] = (later != earlier) & ~(np.isnan(later) & np.isnan(earlier))
    return differ
