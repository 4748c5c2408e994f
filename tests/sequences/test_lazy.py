"""`LazySequences`, and blocks of sequences."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from seqclf import Sequences, as_sequences
from seqclf.sequences import LazySequences, blocks_of, subset

DATA = as_sequences([[1.0, 2.0, 3.0], [4.0], [5.0, 6.0]], static=[1.0, 2.0, 3.0])


def doubled(batch: Sequences) -> Sequences:
    return batch.with_values(2 * batch.values)


LAZY = LazySequences(DATA, doubled)


def test_a_selection_computes_what_it_selects() -> None:
    assert LAZY[[2, 0]] == doubled(DATA[[2, 0]])
    assert LAZY[1:] == doubled(DATA[1:])
    assert len(LAZY) == 3
    assert LAZY.lengths.tolist() == [3, 1, 2]


def test_sizes_are_those_of_the_result() -> None:
    wide = LAZY.mapped(Sequences.static_to_steps)
    assert (LAZY.n_features, LAZY.n_static_features, LAZY.tokens) == (1, 1, None)
    assert (wide.n_features, wide.n_static_features) == (2, 0)
    assert wide[[1]].values.tolist() == [[8.0, 2.0]]


def test_subsets_of_subsets() -> None:
    chosen = subset(subset(LAZY, torch.tensor([2, 1, 0])), torch.tensor([0, 2]))
    assert chosen[:] == LAZY[[2, 0]]
    assert chosen[torch.tensor([1])] == LAZY[[0]]
    assert chosen.lengths.tolist() == [2, 3]
    assert subset(DATA, torch.tensor([2, 0])) == DATA[[2, 0]]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=20), st.integers(1, 30), st.booleans())
def test_blocks_cover_the_sequences_in_order(lengths: list[int], n_steps: int, lazy: bool) -> None:
    sequences = as_sequences([[float(i)] * n for i, n in enumerate(lengths)])
    blocks = list(blocks_of(LazySequences(sequences, doubled) if lazy else sequences, n_steps=n_steps))
    assert Sequences.concatenate([block for _, block in blocks]) == (
        doubled(sequences) if lazy else sequences
    )
    assert [i for rows, _ in blocks for i in range(len(lengths))[rows]] == list(range(len(lengths)))
    for _, block in blocks:
        assert int(block.lengths.sum()) <= n_steps or len(block) == 1
