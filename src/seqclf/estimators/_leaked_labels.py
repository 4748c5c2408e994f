"""Labels among the steps or features of training samples, from which a model would copy them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf.estimators._targets import Labels
from seqclf.sequences import LazySequences, Sequences, padded_shape

LEAST_ROWS = 10  # in fewer, values may equal the labels by chance
_SAMPLED = 1 << 20  # steps that are looked at; the data may be on disk


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


def labels_among_features(sequences: Sequences | LazySequences, labels: Labels) -> str | None:
    """Return a warning if one of several features is constant in each sequence, and has one value for each class."""
    if len(labels) < LEAST_ROWS:
        return None
    some = _spread(sequences)
    sampled = sequences[torch.from_numpy(some)]
    if sampled.n_features + len(sampled.n_tokens) + sampled.n_static_features < 2:
        return None
    classes, of_sequence = np.unique(labels[some], return_inverse=True)
    if len(some) < 2 * len(classes):
        return None
    for column, values in _constant_columns(sampled):
        lowest, highest = np.full(len(classes), np.inf), np.full(len(classes), -np.inf)
        np.minimum.at(lowest, of_sequence, values)
        np.maximum.at(highest, of_sequence, values)
        if (lowest == highest).all() and len(np.unique(lowest)) == len(classes):
            return (
                f"{column} has one value for each class of y, in all steps of a sequence: the labels are among the features, and the model "
                "will learn to copy them. Drop it, in the samples for `predict`, too."
            )
    return None


def _spread(sequences: Sequences | LazySequences) -> NDArray[np.int64]:
    """Return the numbers of evenly spaced sequences, as many as have about a million steps."""
    n_steps = int(sequences.lengths.sum())
    n_kept = min(len(sequences), max(LEAST_ROWS, _SAMPLED * len(sequences) // n_steps))
    return np.linspace(0, len(sequences) - 1, n_kept).astype(np.int64)


def _constant_columns(sequences: Sequences) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield the name of each column that does not vary within sequences, and its value in each of them."""
    names, tokens, static = sequences.feature_names, sequences.tokens, sequences.static
    starts, lengths = sequences.offsets[:-1], sequences.lengths
    steps = [sequences.values] if tokens is None else [sequences.values, tokens.codes]
    shown = [f"Feature {i if names is None else repr(names[i])}" for i in range(sequences.n_features)]
    shown += [] if tokens is None else [f"Token column {name!r}" for name in tokens.vocabularies]
    i = 0
    for columns in steps:
        first = columns[starts]
        is_constant = (columns == first.repeat_interleave(lengths, dim=0)).all(dim=0).tolist()
        values = first.double().numpy(force=True)
        for column, constant in enumerate(is_constant):
            if constant:
                yield shown[i], values[:, column]
            i += 1
    if static is not None:
        names = sequences.static_names
        for column, values in enumerate(static.T.double().numpy(force=True)):
            yield f"Static feature {column if names is None else repr(names[column])}", values
