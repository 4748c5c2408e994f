"""Labels among the steps or features of training samples, from which a model would copy them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf.estimators._sampled import LEAST_SEQUENCES, evenly_spread, feature_titles, static_titles
from seqclf.estimators._targets import Labels
from seqclf.sequences import LazySequences, Sequences, blocks_of, padded_shape, subset


def labels_among_steps(
    X: Any, sequences: Sequences, labels: Labels, padding_value: float | None
) -> str | None:
    """Return a warning if the last column of a padded table is `y`; its `sequences` were made without `lengths`."""
    shape = padded_shape(X)
    if (
        len(shape) not in (2, 3)
        or len(sequences) < LEAST_SEQUENCES
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
    one = sequences[:1]
    names = [*feature_titles(one), *(f"Token column {name!r}" for name in one.n_tokens), *static_titles(one)]
    if len(names) < 2:
        return None
    some = evenly_spread(sequences)
    classes, of_sequence = np.unique(labels[some], return_inverse=True)
    if len(some) < max(LEAST_SEQUENCES, 2 * len(classes)) or len(classes) < 2:
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
