"""Mistakes in training samples that raise no error: labels among the steps, and a header made of numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from seqclf.estimators._targets import Labels
from seqclf.sequences import Sequences, padded_shape

LEAST_ROWS = 10  # in fewer, steps may equal the labels by chance
# pandas appends ".1", ".2" and so on to names that occur twice.
_NUMBER = re.compile(r"([-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)(?:\.\d+)?")


def labels_among_steps(
    X: Any, sequences: Sequences, labels: Labels, padding_value: float | None
) -> str | None:
    """Return a warning if the last column of a padded table is `y`; its `sequences` were made without `lengths`."""
    shape = padded_shape(X)
    if (
        len(shape) not in (2, 3)
        or len(sequences) < LEAST_ROWS
        or sequences.n_features != 1
        or labels.dtype.kind not in "biuf"
    ):
        return None
    is_full = (sequences.lengths == shape[1]).numpy(force=True)
    ends = sequences.values[sequences.offsets[1:] - 1, 0].numpy(force=True)
    last_column = np.where(is_full, ends, np.nan if padding_value is None else padding_value)
    if not np.array_equal(last_column, labels):
        return None
    return (
        "The last column of X equals y in every row: the labels are among the steps, and the model will learn to copy them. "
        "Drop that column, in the samples for `predict`, too: `X[:, :-1]`, or `X.iloc[:, :-1]` for a data frame."
    )


def header_of_numbers(names: Sequence[str] | None) -> str | None:
    """Return a warning if the names of steps are the numbers of a row; names that ascend may be times or indices."""
    found = [_NUMBER.fullmatch(name) for name in names or ()]
    if names is None or len(names) < 2 or not all(found):
        return None
    numbers = [float(one[1]) for one in found if one is not None]
    ascend = all(a < b for a, b in pairwise(numbers))
    if ascend or all(name.isdecimal() for name in names):
        return None
    return (
        f"The names of the columns of X are numbers that do not ascend: {', '.join(names[:3])}, ... The first row was probably "
        "read as a header, and is missing from the samples. Read the file with `pandas.read_csv(path, header=None)`."
    )
