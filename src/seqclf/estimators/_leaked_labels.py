"""Labels among the steps or features of training samples, from which a model would copy them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf.estimators._targets import Labels
from seqclf.sequences import LazySequences, Sequences, blocks_of, padded_shape, subset

LEAST_ROWS = 10  # in fewer, values may equal the labels by chance
_SAMPLED = 256  # sequences that are looked at, fewer if they are long: the data may be on disk
_NUMBERS = 1 << 20


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
    names = _names(sequences[:1])
    if len(names) < 2:
        return None
    some = _spread(sequences)
    classes, of_sequence = np.unique(labels[some], return_inverse=True)
    if len(some) < max(LEAST_ROWS, 2 * len(classes)) or len(classes) < 2:
        return None
    sampled = subset(sequences, torch.from_numpy(some))
    values = np.concatenate([_values(block) for _, block in blocks_of(sampled)])
    for column in np.flatnonzero(~np.isnan(values).any(axis=0)).tolist():
        lowest, highest = np.full(len(classes), np.inf), np.full(len(classes), -np.inf)
        np.minimum.at(lowest, of_sequence, values[:, column])
        np.maximum.at(highest, of_sequence, values[:, column])
        if (lowest == highest).all() and len(np.unique(lowest)) == len(classes):
            return (
                f"{names[column]} has one value for each class of y, in all steps of a sequence: the labels are among the features, and the "
                "model will learn to copy them. Drop it, in the samples for `predict`, too."
            )
    return None


def _spread(sequences: Sequences | LazySequences) -> NDArray[np.int64]:
    """Return which sequences are looked at, evenly spaced."""
    mean_size = int(sequences.lengths.sum()) * max(1, sequences.n_features) // len(sequences)
    n_kept = min(len(sequences), max(LEAST_ROWS, min(_SAMPLED, _NUMBERS // mean_size)))
    return np.linspace(0, len(sequences) - 1, n_kept).astype(np.int64)


def _names(sequences: Sequences) -> list[str]:
    """Return the names of features, token columns and static features."""
    features, static = sequences.feature_names, sequences.static_names
    return [
        *(f"Feature {i if features is None else repr(features[i])}" for i in range(sequences.n_features)),
        *(f"Token column {name!r}" for name in sequences.n_tokens),
        *(
            f"Static feature {i if static is None else repr(static[i])}"
            for i in range(sequences.n_static_features)
        ),
    ]


def _values(sequences: Sequences) -> NDArray[np.float64]:
    """Return the value of each of these columns in each sequence, (n_sequences, n_columns); NaN where it varies."""
    tokens, static = sequences.tokens, sequences.static
    steps = sequences.values.double()
    if tokens is not None:
        steps = torch.cat([steps, tokens.codes.double()], dim=1)
    values = steps.numpy(force=True)
    starts = sequences.offsets[:-1].numpy(force=True)
    lowest, highest = (extreme.reduceat(values, starts, axis=0) for extreme in (np.minimum, np.maximum))
    constant = np.where(lowest == highest, lowest, np.nan)
    return (
        constant if static is None else np.concatenate([constant, static.double().numpy(force=True)], axis=1)
    )
