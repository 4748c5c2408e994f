"""Hypothesis strategies for ragged data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from seqclf.sequences import Sequences, Tokens, as_sequences

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Padded:
    """The same sequences as a list and as a padded array, with zeros or garbage as padding."""

    arrays: list[Floats]  # each (n_steps, n_features)
    table: Floats  # (n_samples, n_timesteps, n_features)
    lengths: NDArray[np.int64]


def finite_floats() -> st.SearchStrategy[float]:
    """Numbers of moderate size, often zero, the usual padding value."""
    return st.one_of(st.sampled_from([0.0, -0.0, 1.0]), st.floats(-100, 100, width=32, allow_subnormal=False))


@st.composite
def ragged_arrays(
    draw: st.DrawFn, *, max_sequences: int = 6, max_length: int = 7, n_features: int | None = None
) -> list[Floats]:
    """Lists of float32 arrays of shape (n_steps, n_features), of any lengths."""
    width = draw(st.integers(1, 3)) if n_features is None else n_features
    lengths = draw(st.lists(st.integers(1, max_length), min_size=1, max_size=max_sequences))
    return [draw(hnp.arrays(np.float32, (length, width), elements=finite_floats())) for length in lengths]


def ragged_sequences(**limits: Any) -> st.SearchStrategy[Sequences]:
    """`Sequences`; `limits` are those of `ragged_arrays`."""
    return ragged_arrays(**limits).map(as_sequences)


@st.composite
def sequences_with_static(draw: st.DrawFn, /, *, n_static: int | None = None, **limits: Any) -> Sequences:
    """`Sequences` with 1 to 3 static features; `limits` are those of `ragged_arrays`."""
    sequences = draw(ragged_sequences(**limits))
    shape = (len(sequences), draw(st.integers(1, 3)) if n_static is None else n_static)
    return sequences.with_static(draw(hnp.arrays(np.float32, shape, elements=finite_floats())))


@st.composite
def padded_tables(draw: st.DrawFn, /, *, garbage: bool = False, extra: int = 3, **limits: Any) -> Padded:
    """Arrays padded with zeros or, with `garbage`, with arbitrary values."""
    arrays = draw(ragged_arrays(**limits))
    lengths = np.array([len(array) for array in arrays])
    shape = (len(arrays), int(lengths.max()) + draw(st.integers(0, extra)), arrays[0].shape[1])
    table = np.zeros(shape, dtype=np.float32)
    if garbage:
        table = draw(hnp.arrays(np.float32, shape, elements=st.floats(width=32)))
    for row, array in zip(table, arrays, strict=True):
        row[: len(array)] = array
    return Padded(arrays=arrays, table=table, lengths=lengths)


def orders(n: int) -> st.SearchStrategy[list[int]]:
    """Permutations of `n` sequences."""
    return st.permutations(range(n))


@st.composite
def sequences_with_tokens(draw: st.DrawFn, /, *, columns: int | None = None, **limits: Any) -> Sequences:
    """`Sequences` with 1 to 3 token columns, some of their tokens unknown; `limits` are those of `ragged_arrays`."""
    sequences = draw(ragged_sequences(**limits))
    vocabularies: dict[str, tuple[Any, ...]] = {
        f"column {i}": tuple(draw(st.lists(st.integers(0, 9) | st.text(max_size=2), max_size=4, unique=True)))
        for i in range(draw(st.integers(1, 3)) if columns is None else columns)
    }
    most = np.array([len(vocabulary) for vocabulary in vocabularies.values()])
    drawn = draw(hnp.arrays(np.int64, (len(sequences.values), len(most)), elements=st.integers(0, 4)))
    return sequences.with_tokens(Tokens(torch.from_numpy(np.minimum(drawn, most)), vocabularies))
