"""`Sequences` hold steps, offsets and static features together."""

from __future__ import annotations

import copy
import pickle
import re
import sys
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences, as_sequences
from strategies import ragged_sequences, sequences_with_static


def three(static: list[list[float]] | None = None) -> Sequences:
    """[1], [2, 3], [4, 5, 6]."""
    values = torch.tensor([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]])
    return Sequences(values, torch.tensor([0, 1, 3, 6]), None if static is None else torch.tensor(static))


def three_with_static() -> Sequences:
    return three([[10.0], [20.0], [30.0]])


def as_lists(sequences: Sequences) -> list[list[list[float]]]:
    return [steps.tolist() for steps in sequences]


def test_a_tiny_case_by_hand() -> None:
    s = three()
    assert as_lists(s) == [[[1.0]], [[2.0], [3.0]], [[4.0], [5.0], [6.0]]]
    assert len(s) == 3
    assert s.shape == (3,)
    assert (s.n_features, s.n_static_features) == (1, 0)
    assert s.lengths.tolist() == [1, 2, 3]
    assert s.device == torch.device("cpu")
    assert three_with_static().n_static_features == 1


def test_unchecked_sequences_hold_the_given_tensors() -> None:
    values, offsets, static = torch.ones(3, 2).double(), torch.tensor([0, 1, 3]), torch.ones(2, 1)
    s = Sequences.unchecked(values, offsets, static)
    assert s.values is values
    assert s.offsets is offsets
    assert s.static is static
    assert Sequences.unchecked(values, offsets).static is None


@settings(deadline=None)
@given(ragged_sequences() | sequences_with_static(), st.data())
def test_concatenation_undoes_a_cut(s: Sequences, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(s)))
    assert Sequences.concatenate([s[:cut], s[cut:]]) == s


def test_concatenation_keeps_the_order_of_static_features() -> None:
    s = three_with_static()
    joined = Sequences.concatenate([s[1:], s[:1]])
    assert joined.static is not None
    assert joined.static.tolist() == [[20.0], [30.0], [10.0]]


def test_parts_of_a_concatenation_must_have_the_same_features() -> None:
    message = (
        "same number of features; got 1 in parts[0] and 2 in parts[1]. Select the same features in each part."
    )
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        Sequences.concatenate([three(), as_sequences([[[1.0, 2.0]]])])
    message = (
        "same number of static features; got 1 in parts[0] and 0 in parts[2]. Select the same static features"
    )
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        Sequences.concatenate([three_with_static(), three_with_static(), three()])
    with pytest.raises(InvalidSequenceError, match="must hold at least one `Sequences`; got none"):
        Sequences.concatenate([])


def test_equality_compares_values_offsets_and_static_features() -> None:
    s = three_with_static()
    assert s == three_with_static()
    assert three() == three()
    assert s != Sequences(s.values, torch.tensor([0, 2, 3, 6]), s.static)
    assert s != s.with_values(s.values + 1)
    assert s != s.with_static([10.0, 20.0, 31.0])
    assert s != three()
    assert three() != s
    assert s != [1, 2]
    with pytest.raises(TypeError, match="unhashable"):
        hash(s)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_copies_and_pickles_are_equal(duplicate: Any) -> None:
    assert duplicate(three()) == three()
    assert duplicate(three_with_static()) == three_with_static()


@settings(deadline=None)
@given(ragged_sequences() | sequences_with_static(), st.data())
def test_a_pickled_slice_equals_the_slice(s: Sequences, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(s)))
    assert pickle.loads(pickle.dumps(s[start:])) == s[start:]


def test_a_pickled_slice_does_not_contain_the_rest() -> None:
    s = as_sequences(np.ones((1000, 50)), static=np.ones((1000, 50)))
    assert len(pickle.dumps(s[3:5])) < 5_000 < len(pickle.dumps(s))


def test_with_values_keeps_lengths_and_static_features() -> None:
    s = three_with_static()
    doubled = s.with_values(s.values * 2)
    assert as_lists(doubled)[1] == [[4.0], [6.0]]
    assert doubled.static is s.static
    assert s.with_values(torch.zeros(6, 5)).n_features == 5
    message = (
        "`values` must have shape (6, n_features), one row per step; got (5, 1). Use `Sequences.unchecked`"
    )
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        s.with_values(torch.zeros(5, 1))


def test_with_static_replaces_and_removes_static_features() -> None:
    s = three()
    known = s.with_static([[1, 2], [3, 4], [5, 6]])
    assert known.static is not None
    assert known.static.tolist() == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    assert known.values is s.values
    assert known.offsets is s.offsets
    assert known.with_static([1, 2, 3]).n_static_features == 1
    assert known.with_static(None) == s


def test_static_features_are_appended_to_every_step() -> None:
    s = as_sequences([[[1, 2], [3, 4]], [[5, 6]]], static=[[10, 20], [30, 40]])
    together = s.static_to_steps()
    assert together.values.tolist() == [[1, 2, 10, 20], [3, 4, 10, 20], [5, 6, 30, 40]]
    assert together.static is None
    assert s.n_features == 2
    assert three().static_to_steps() == three()


@settings(deadline=None)
@given(sequences_with_static())
def test_static_to_steps_keeps_lengths_and_values(s: Sequences) -> None:
    together = s.static_to_steps()
    assert s.static is not None
    assert torch.equal(together.offsets, s.offsets)
    assert torch.equal(together.values[:, : s.n_features], s.values)
    for steps, static in zip(together, s.static, strict=True):
        assert (steps[:, s.n_features :] == static).all()


@settings(deadline=None)
@given(sequences_with_static(), st.data())
def test_static_to_steps_commutes_with_selection(s: Sequences, data: st.DataObject) -> None:
    index = data.draw(st.lists(st.integers(0, len(s) - 1), max_size=6))
    assert s[index].static_to_steps() == s.static_to_steps()[index]


def test_gradients_flow_through_static_to_steps() -> None:
    static = torch.ones(3, 2, requires_grad=True)
    together = Sequences.unchecked(three().values, three().offsets, static).static_to_steps()
    (gradient,) = torch.autograd.grad(together.values.sum(), static)
    assert gradient.tolist() == [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]


@pytest.mark.parametrize("target", [torch.float64, torch.ones(1), None])
def test_only_the_device_can_change(target: Any) -> None:
    with pytest.raises(
        TypeError, match=r"`device` must be a torch\.device or its name; got .* To convert the"
    ):
        three().to(target)


def test_all_tensors_move_to_another_device() -> None:
    s = three_with_static()
    there = s.to("meta")
    assert s.to("cpu") == s
    assert s.to("cpu").values is s.values
    assert there.static is not None
    assert there.device == there.offsets.device == there.static.device == torch.device("meta")
    assert three().to("meta").static is None
    assert repr(three()[:0].to("meta")) == "Sequences(0 sequences, 1 feature, meta)"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="pinning needs a GPU")
def test_pinned_sequences_are_equal() -> None:
    pinned = three_with_static().pin_memory()
    assert pinned.static is not None
    assert pinned.values.is_pinned()
    assert pinned.static.is_pinned()
    assert pinned == three_with_static()
    assert pinned.to("cuda", non_blocking=True) == three_with_static()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_static_features_follow_their_sequences_to_the_gpu() -> None:
    s = three().to("cuda").with_static([10.0, 20.0, 30.0])
    assert s.static is not None
    assert s.static.device.type == "cuda"
    assert s.static_to_steps() == three_with_static().static_to_steps()
    assert s[[2, 0]] == three_with_static()[[2, 0]]


def test_repr_shows_the_sizes() -> None:
    assert repr(three()) == "Sequences(3 sequences, 1 feature, lengths 1 to 3, 6 steps)"
    assert repr(as_sequences([[[1, 2]]])) == "Sequences(1 sequence, 2 features, lengths 1 to 1, 1 step)"
    assert (
        repr(three([[1.0, 2.0]] * 3))
        == "Sequences(3 sequences, 1 feature, 2 static features, lengths 1 to 3, 6 steps)"
    )


def test_it_is_frozen() -> None:
    with pytest.raises(AttributeError):
        three().values = torch.zeros(1, 1)  # type: ignore[misc]


def test_exports_share_memory() -> None:
    s = as_sequences([[[1, 2], [3, 4]], [[5, 6]]], static=[1, 2])
    assert s.to_arrow().flatten().flatten().buffers()[1].address == s.values.data_ptr()
    assert s.to_nested().values().data_ptr() == s.values.data_ptr()


def test_arrow_types_depend_on_the_number_of_features() -> None:
    assert three().to_arrow().type == pa.large_list(pa.float32())
    assert three().to_arrow().to_pylist() == [[1.0], [2.0, 3.0], [4.0, 5.0, 6.0]]
    two = as_sequences([[[1, 2], [3, 4]], [[5, 6]]])
    assert two.to_arrow().type == pa.large_list(pa.list_(pa.float32(), 2))
    assert two.to_arrow().to_pylist() == [[[1, 2], [3, 4]], [[5, 6]]]


def test_a_missing_pyarrow_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=re.escape("pip install 'seqclf[arrow]'")):
        three().to_arrow()


def test_gradients_flow_into_a_nested_tensor() -> None:
    values = three().values.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(three().with_values(values).to_nested().values().sum(), values)
    assert gradient.tolist() == [[1.0]] * 6


@pytest.mark.parametrize("lists", [[[1.0, 2.0], [3.0]], [[1.0, 0.0], [3.0, 0.0]]], ids=["ragged", "equal"])
def test_numpy_makes_an_array_of_sequences(lists: list[list[float]]) -> None:
    sequences = as_sequences(lists)
    array = np.asarray(sequences)
    assert array.shape == sequences.shape
    assert array.dtype.kind == "O"
    assert [x[:, 0].tolist() for x in array] == lists
    assert as_sequences(array) == sequences
    array[0][0] = 9.0


def test_an_array_of_numbers_or_without_static_features_is_refused() -> None:
    sequences = as_sequences([[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(
        TypeError, match=r"become a NumPy array of dtype object; got dtype=float64 .*pad\(sequences\)"
    ):
        np.asarray(sequences, dtype=float)
    with pytest.raises(TypeError, match="An array of sequences has no place for static features; got 1"):
        np.asarray(sequences.with_static([1.0, 2.0]))
