"""Other libraries' ragged layouts come in and go out, without a copy where the layout allows."""

from __future__ import annotations

import re
import sys
from typing import Any

import numpy as np
import pyarrow as pa
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
def test_round_trips_give_the_same_back(s: Sequences) -> None:
    assert as_sequences(s.to_arrow()) == s
    assert as_sequences(s.to_nested()) == s
    assert as_sequences(pack(s)) == s
    assert as_sequences(pa.chunked_array([s.to_arrow(), s.to_arrow()])) == Sequences.concatenate([s, s])
    if len(s) > 2:
        assert as_sequences(s.to_arrow()[1:-1]) == s[1:-1]


def test_memory_is_shared_with_arrow_and_nested_tensors() -> None:
    s = as_sequences([[[1, 2], [3, 4]], [[5, 6]]])
    there = s.to_arrow()
    assert there.flatten().flatten().buffers()[1].address == s.values.data_ptr()
    assert as_sequences(there).values.data_ptr() == s.values.data_ptr()
    assert s.to_nested().values().data_ptr() == s.values.data_ptr()
    assert as_sequences(s.to_nested()).values.data_ptr() == s.values.data_ptr()


def test_arrow_types_tell_the_features() -> None:
    assert EXPECTED.to_arrow().type == pa.large_list(pa.float32())
    assert EXPECTED.to_arrow().to_pylist() == LISTS
    two = as_sequences([[[1, 2], [3, 4]], [[5, 6]]])
    assert two.to_arrow().type == pa.large_list(pa.list_(pa.float32(), 2))
    assert two.to_arrow().to_pylist() == [[[1, 2], [3, 4]], [[5, 6]]]


@pytest.mark.parametrize("outer", [pa.list_, pa.large_list])
@pytest.mark.parametrize(
    "inner", [pa.float16(), pa.float32(), pa.float64(), pa.int8(), pa.uint64(), pa.int64()]
)
def test_arrow_lists_of_any_number_come_in(outer: Any, inner: Any) -> None:
    values = [[np.float16(x) if inner == pa.float16() else int(x) for x in row] for row in LISTS]
    array = pa.array(values, type=outer(inner))
    assert as_sequences(array) == EXPECTED
    assert as_sequences(array[1:]) == EXPECTED[1:]
    assert as_sequences(pa.table({"signal": array})["signal"]) == EXPECTED


def test_arrow_lists_of_fixed_size_come_in() -> None:
    rows = pa.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], type=pa.list_(pa.float32(), 2))
    assert as_sequences(rows[1:]) == as_sequences([[3, 4], [5, 6]])
    steps = pa.array([[[1.0, 2.0]], [[3.0, 4.0]]], type=pa.list_(pa.list_(pa.float64(), 2), 1))
    assert as_sequences(steps) == as_sequences([[[1, 2]], [[3, 4]]])
    assert as_sequences(pa.array([[True], [False, True]])) == as_sequences([[1], [0, 1]])


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (pa.array([[1.0], None]), "must be there; got a null row in row 1. Drop it, or fill it in"),
        (pa.array([[1.0], [2.0, None]]), "got a null value in row 1."),
        (pa.array([[1.0], [2.0, None]])[1:], "got a null value in row 0."),
        (
            pa.array(
                [[[1.0, 1.0], [1.0, 1.0]], [[2.0, 2.0], None]], type=pa.list_(pa.list_(pa.float32(), 2))
            ),
            "got a null step in row 1.",
        ),
        (
            pa.array([[[1.0, 1.0], [1.0, 1.0]], [[2.0, None]]], type=pa.list_(pa.list_(pa.float32(), 2))),
            "got a null value in row 1.",
        ),
        (pa.array([[1.0], []]), "Every sequence must have at least one step; got none in row 1."),
        (
            pa.array([], type=pa.list_(pa.float32())),
            "Found array with 0 sample(s) while a minimum of 1 is required",
        ),
        (pa.array([["a"]]), "Every value must be a number; got Arrow values of type string in row 0."),
        (
            pa.array([[[1.0]]]),
            "got Arrow values of type list<item: double> in row 0. Lists hold numbers, or lists of fixed",
        ),
        (pa.array([[1.0], [1.0, float("nan")]]), "must be finite; got NaN in row 1, step 1, feature 0."),
        (
            pa.array([[1.0], [1e300]]),
            "must fit float32 (at most 3.4e38); got 1e+300 in row 1, step 0, feature 0.",
        ),
    ],
)
def test_arrow_rows_that_do_not_fit_are_named(array: Any, message: str) -> None:
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        as_sequences(array)


@pytest.mark.parametrize(
    ("X", "got"), [(pa.array([1.0, 2.0]), "type double"), (pa.table({"a": [[1.0]]}), "Table")]
)
def test_arrow_data_other_than_lists_are_refused(X: Any, got: str) -> None:
    with pytest.raises(TypeError, match=f"must be an array of lists, one list for each sequence; got {got}"):
        as_sequences(X)


def test_arrow_is_named_when_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=re.escape("pip install 'seqclf[arrow]'")):
        EXPECTED.to_arrow()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64])
def test_nested_tensors_of_any_number_come_in(dtype: torch.dtype) -> None:
    parts = [torch.tensor(row, dtype=dtype) for row in LISTS]
    assert as_sequences(torch.nested.nested_tensor(parts, layout=torch.jagged)) == EXPECTED
    two = [torch.stack([part, part], 1) for part in parts]
    assert as_sequences(torch.nested.nested_tensor(two, layout=torch.jagged)).n_features == 2


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")
def test_strided_nested_tensors_come_in() -> None:
    parts = [torch.tensor(row) for row in LISTS]
    assert as_sequences(torch.nested.nested_tensor(parts, layout=torch.strided)) == EXPECTED


def test_a_nested_view_with_holes_comes_in() -> None:
    table = torch.tensor([[1.0, 2, 9], [3, 9, 9], [4, 5, 6]])
    view = torch.nested.narrow(
        table, 1, torch.tensor([0, 0, 0]), torch.tensor([2, 1, 3]), layout=torch.jagged
    )
    assert as_sequences(view) == EXPECTED


def test_nested_tensors_ragged_elsewhere_are_refused() -> None:
    nested = as_sequences([[[1, 2], [3, 4]], [[5, 6]]]).to_nested()
    with pytest.raises(InvalidSequenceError, match=r"must have shape \(n_samples, \*\) or"):
        as_sequences(nested.transpose(1, 2))
    with pytest.raises(InvalidSequenceError, match=r"with \* the unequal number of steps; got"):
        as_sequences(nested.unsqueeze(-1))


def test_gradients_flow_into_a_nested_tensor() -> None:
    values = EXPECTED.values.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(EXPECTED.with_values(values).to_nested().values().sum(), values)
    assert gradient.tolist() == [[1.0]] * 6


def test_packed_sequences_of_other_makers_come_in() -> None:
    parts = [torch.tensor(row) for row in LISTS]
    assert as_sequences(pack_sequence(parts, enforce_sorted=False)) == EXPECTED
    assert as_sequences(pack_sequence([parts[2], parts[0], parts[1]])) == EXPECTED[[2, 0, 1]]
    assert as_sequences(pack_sequence([p.double() for p in parts], enforce_sorted=False)) == EXPECTED


def test_packed_data_are_checked() -> None:
    packed = pack(EXPECTED)
    assert isinstance(packed, PackedSequence)
    with pytest.raises(InvalidSequenceError, match="got NaN in row 0, step 0, feature 0"):
        as_sequences(pack(EXPECTED.with_values(torch.full((6, 1), float("nan")))))
    with pytest.raises(InvalidSequenceError, match="Complex data not supported"):
        as_sequences(pack(EXPECTED.with_values(torch.ones(6, 1, dtype=torch.complex64))))
