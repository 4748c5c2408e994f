"""Packing equals torch's, and unpacking undoes it."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences, as_sequences, pack, unpack
from strategies import ragged_sequences


def test_a_tiny_case_by_hand() -> None:
    packed = pack(as_sequences([[1], [2, 3, 4], [5, 6]]))
    assert packed.data.flatten().tolist() == [2, 5, 1, 3, 6, 4]
    assert packed.batch_sizes.tolist() == [3, 2, 1]
    assert packed.sorted_indices is not None
    assert packed.sorted_indices.tolist() == [1, 2, 0]
    assert packed.unsorted_indices is not None
    assert packed.unsorted_indices.tolist() == [2, 0, 1]


@settings(deadline=None)
@given(ragged_sequences(), st.data())
def test_unpacking_undoes_packing_in_any_order_of_lengths(s: Sequences, data: st.DataObject) -> None:
    s = s[data.draw(st.permutations(range(len(s))))]
    assert unpack(pack(s)) == s


@settings(deadline=None)
@given(ragged_sequences())
def test_torch_packs_the_same_data(s: Sequences) -> None:
    expected = pack_sequence(list(s), enforce_sorted=False)
    assert unpack(expected) == s
    assert torch.equal(pack(s).batch_sizes, expected.batch_sizes)
    longest_first = s[np.argsort(-s.lengths.numpy(), kind="stable")]
    expected = pack_sequence(list(longest_first))
    assert expected.sorted_indices is None
    assert torch.equal(pack(longest_first).data, expected.data)
    assert unpack(expected) == longest_first


def test_any_order_of_equal_lengths_can_be_unpacked() -> None:
    # Two sequences of two steps, the second packed first.
    packed = PackedSequence(
        torch.tensor([[3.0], [1.0], [4.0], [2.0]]),
        torch.tensor([2, 2]),
        torch.tensor([1, 0]),
        torch.tensor([1, 0]),
    )
    assert unpack(packed) == as_sequences([[1, 2], [3, 4]])


def test_torch_layers_return_hidden_states_in_the_order_of_the_sequences() -> None:
    generator = torch.Generator().manual_seed(0)
    s = as_sequences([torch.randn(n, 2, generator=generator) for n in (2, 5, 1, 3)])
    gru = torch.nn.GRU(2, 3, bidirectional=True)
    with torch.no_grad():
        output, hidden = gru(pack(s))
        states = unpack(output)
        for i, one in enumerate(s):
            alone, last = gru(one)
            torch.testing.assert_close(states[i], alone)
            torch.testing.assert_close(hidden[:, i], last)


@settings(deadline=None)
@given(ragged_sequences())
def test_gradients_flow_both_ways(s: Sequences) -> None:
    values = s.values.clone().requires_grad_()
    weights = torch.arange(1.0, len(values) + 1)[:, None]
    (gradient,) = torch.autograd.grad((unpack(pack(s.with_values(values))).values * weights).sum(), values)
    assert torch.equal(gradient, weights.expand_as(values))


@settings(deadline=None)
@given(ragged_sequences())
def test_the_input_is_not_changed(s: Sequences) -> None:
    values, offsets, state = s.values.clone(), s.offsets.clone(), torch.get_rng_state()
    unpack(pack(s)).values.add_(1)
    assert s == Sequences(values, offsets)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_packing_works_on_a_gpu() -> None:
    s = as_sequences([[1], [2, 3, 4], [5, 6]]).to("cuda")
    packed = pack(s)
    assert packed.data.device.type == "cuda"
    assert packed.batch_sizes.device.type == "cpu"
    assert unpack(packed) == s


def test_an_empty_collection_cannot_be_packed() -> None:
    with pytest.raises(
        InvalidSequenceError, match=r"at least one sequence to pack; got none\. Skip empty batches"
    ):
        pack(as_sequences([[1.0]])[:0])


def test_only_packed_sequences_can_be_unpacked() -> None:
    with pytest.raises(
        TypeError, match=r"`packed` must be a PackedSequence; got Tensor\. Use `unpad` for padded arrays"
    ):
        unpack(torch.ones(2, 3))  # type: ignore[arg-type]
    with pytest.raises(InvalidSequenceError, match=r"shape \(n_steps,\) or .* got \(2, 3, 4\)\. Flatten"):
        unpack(PackedSequence(torch.ones(2, 3, 4), torch.tensor([1, 1])))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"batch_sizes": torch.tensor([2, 3])},
            "The batch sizes of packed data must not increase, and sum to their 5 steps; got [2, 3]. Change only",
        ),
        ({"batch_sizes": torch.tensor([3, 3])}, "sum to their 5 steps; got [3, 3]."),
        ({"batch_sizes": torch.tensor([3, 2, 0])}, "got [3, 2, 0]."),
        ({"batch_sizes": torch.tensor([6, -1])}, "got [6, -1]."),
        ({"batch_sizes": torch.tensor([], dtype=torch.int64)}, "got []."),
        ({"data": torch.ones(4, 1)}, "sum to their 4 steps; got [3, 2]."),
        (
            {"sorted_indices": torch.tensor([0, 1, 1])},
            "must be a permutation of its 3 sequences and the inverse; got [0, 1, 1] and [2, 0, 1]. Change only the",
        ),
        ({"unsorted_indices": torch.tensor([0, 1, 2])}, "got [1, 2, 0] and [0, 1, 2]."),
        (
            {"sorted_indices": torch.tensor([0, 1]), "unsorted_indices": torch.tensor([0, 1])},
            "of its 3 sequences",
        ),
    ],
)
def test_inconsistent_packed_data_are_named(changes: dict[str, torch.Tensor], message: str) -> None:
    packed = pack(as_sequences([[1.0], [2.0, 3.0], [4.0, 5.0]]))
    fields = {**packed._asdict(), **changes}
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        unpack(PackedSequence(**fields))
