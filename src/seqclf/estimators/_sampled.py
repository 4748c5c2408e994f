"""Which sequences are looked at where all would take too long, and what their columns are called."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seqclf.sequences import LazySequences, Sequences

LEAST_SEQUENCES = 10
"""Fewer say too little about others."""

_MOST_SEQUENCES = 256  # fewer if they are long: the data may be on disk
_PIECES = 32
"""Places of a file that are read: around each, the system may read much more."""

_NUMBERS = 1 << 20


def evenly_spread(sequences: Sequences | LazySequences) -> NDArray[np.int64]:
    """Return the positions of at most 256 sequences, in evenly spaced pieces."""
    n_sequences = len(sequences)
    mean_size = int(sequences.lengths.sum()) * max(1, sequences.n_features) // n_sequences
    n_kept = max(LEAST_SEQUENCES, min(_MOST_SEQUENCES, _NUMBERS // max(1, mean_size)))
    if n_sequences <= n_kept:
        return np.arange(n_sequences)
    return np.concatenate([np.arange(*piece) for piece in pieces(n_sequences, n_kept, _PIECES)])


def pieces(n_rows: int, n_kept: int, n_pieces: int) -> list[tuple[int, int]]:
    """Return where equal, evenly spaced pieces of rows start and stop, which hold about `n_kept` of more rows."""
    size = max(1, n_kept // n_pieces)
    starts = np.linspace(0, n_rows - size, min(n_pieces, n_kept)).astype(np.int64).tolist()
    return [(start, start + size) for start in starts]


def feature_titles(sequences: Sequences) -> list[str]:
    """Return what each feature of a step is called in a message."""
    return _titles("Feature", sequences.feature_names, sequences.n_features)


def static_titles(sequences: Sequences) -> list[str]:
    """Return what each static feature is called in a message."""
    return _titles("Static feature", sequences.static_names, sequences.n_static_features)


def _titles(kind: str, names: tuple[str, ...] | None, count: int) -> list[str]:
    return [f"{kind} {i if names is None else repr(names[i])}" for i in range(count)]
