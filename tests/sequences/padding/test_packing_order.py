"""Steps are ordered by time, then by decreasing length of their sequence."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from oracles import batch_sizes_of, packed_places
from seqclf.sequences import Sequences, as_sequences, pack, packing_order
from strategies import ragged_sequences


def test_a_tiny_case_by_hand() -> None:
    order = packing_order(torch.tensor([0, 1, 4]))
    assert order.index.tolist() == [1, 0, 2, 3]
    assert order.inverse.tolist() == [1, 0, 2, 3]
    assert order.batch_sizes.tolist() == [2, 1, 1]
    assert order.sorted_indices.tolist() == order.unsorted_indices.tolist() == [1, 0]


@settings(deadline=None)
@given(ragged_sequences(), st.booleans())
def test_the_order_equals_that_of_the_oracle(s: Sequences, reverse: bool) -> None:
    order = packing_order(s.offsets, reverse=reverse)
    lengths = s.lengths.tolist()
    places = packed_places(lengths, reverse=reverse)
    assert order.index.tolist() == [int(s.offsets[i]) + step for i, step in places]
    assert order.index[order.inverse].tolist() == list(range(len(places)))
    assert order.batch_sizes.tolist() == batch_sizes_of(lengths)
    assert order.sorted_indices[order.unsorted_indices].tolist() == list(range(len(s)))


def test_equal_lengths_keep_their_order() -> None:
    lengths = np.random.default_rng(0).integers(1, 4, size=2000)
    s = as_sequences([np.zeros(length) for length in lengths])
    assert packing_order(s.offsets).sorted_indices.tolist() == np.argsort(-lengths, kind="stable").tolist()


@settings(deadline=None)
@given(ragged_sequences())
def test_the_reverse_order_equals_packing_reversed_sequences(s: Sequences) -> None:
    reverse = s.values[packing_order(s.offsets, reverse=True).index]
    assert torch.equal(reverse, pack(as_sequences([one.flip(0) for one in s])).data)
