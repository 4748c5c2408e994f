"""Packed sequences become `Sequences` in the order in which they were packed."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences, as_sequences, pack
from strategies import ragged_sequences

EXPECTED = as_sequences([[1, 2], [3], [4, 5, 6]])
LISTS = [[1.0, 2.0], [3.0], [4.0, 5.0, 6.0]]


@settings(deadline=None)
@given(ragged_sequences())
def test_round_trips_change_nothing(s: Sequences) -> None:
    assert as_sequences(pack(s)) == s


def test_sequences_packed_by_torch_are_accepted() -> None:
    parts = [torch.tensor(row) for row in LISTS]
    assert as_sequences(pack_sequence(parts, enforce_sorted=False)) == EXPECTED
    assert as_sequences(pack_sequence([parts[2], parts[0], parts[1]])) == EXPECTED[[2, 0, 1]]
    assert as_sequences(pack_sequence([p.double() for p in parts], enforce_sorted=False)) == EXPECTED


def test_invalid_data_are_rejected() -> None:
    packed = pack(EXPECTED)
    assert isinstance(packed, PackedSequence)
    with pytest.raises(InvalidSequenceError, match="got NaN in row 0, step 0, feature 0"):
        as_sequences(pack(EXPECTED.with_values(torch.full((6, 1), float("nan")))))
    with pytest.raises(InvalidSequenceError, match="Complex data not supported"):
        as_sequences(pack(EXPECTED.with_values(torch.ones(6, 1, dtype=torch.complex64))))
