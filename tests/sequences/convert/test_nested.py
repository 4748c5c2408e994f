"""Nested tensors become `Sequences`, without a copy where possible."""

from __future__ import annotations

import warnings

import pytest
import torch
from hypothesis import given, settings

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences, as_sequences
from strategies import ragged_sequences

EXPECTED = as_sequences([[1, 2], [3], [4, 5, 6]])
LISTS = [[1.0, 2.0], [3.0], [4.0, 5.0, 6.0]]


@settings(deadline=None)
@given(ragged_sequences())
def test_round_trips_change_nothing(s: Sequences) -> None:
    assert as_sequences(s.to_nested()) == s


def test_a_jagged_float32_tensor_is_not_copied() -> None:
    nested = EXPECTED.to_nested()
    assert as_sequences(nested).values.data_ptr() == nested.values().data_ptr()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64])
def test_any_dtype_is_accepted(dtype: torch.dtype) -> None:
    parts = [torch.tensor(row, dtype=dtype) for row in LISTS]
    assert as_sequences(torch.nested.nested_tensor(parts, layout=torch.jagged)) == EXPECTED
    two = [torch.stack([part, part], 1) for part in parts]
    assert as_sequences(torch.nested.nested_tensor(two, layout=torch.jagged)).n_features == 2


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")
def test_strided_nested_tensors_are_accepted() -> None:
    parts = [torch.tensor(row) for row in LISTS]
    assert as_sequences(torch.nested.nested_tensor(parts, layout=torch.strided)) == EXPECTED


def test_a_view_with_gaps_is_accepted() -> None:
    table = torch.tensor([[1.0, 2, 9], [3, 9, 9], [4, 5, 6]])
    view = torch.nested.narrow(
        table, 1, torch.tensor([0, 0, 0]), torch.tensor([2, 1, 3]), layout=torch.jagged
    )
    assert as_sequences(view) == EXPECTED


def test_tensors_ragged_along_another_axis_are_rejected() -> None:
    nested = as_sequences([[[1, 2], [3, 4]], [[5, 6]]]).to_nested()
    with pytest.raises(InvalidSequenceError, match=r"must have shape \(n_samples, \*\) or"):
        as_sequences(nested.transpose(1, 2))
    with pytest.raises(InvalidSequenceError, match=r"where \* is the varying number of steps; got"):
        as_sequences(nested.unsqueeze(-1))


def test_sequences_of_the_older_layout_must_have_the_same_features() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the layout is a prototype
        nested = torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(4, 2)])
    with pytest.raises(InvalidSequenceError, match=r"got shapes \(2, 3\) in row 0 and \(4, 2\) in row 1\."):
        as_sequences(nested)
