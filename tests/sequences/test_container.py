"""`Sequences` behaves like a list of tensors."""

from __future__ import annotations

import copy
import pickle
import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold, train_test_split

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences, as_sequences
from strategies import Floats, ragged_arrays, ragged_sequences


def three() -> Sequences:
    """[1], [2, 3], [4, 5, 6]."""
    return Sequences(torch.tensor([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]]), torch.tensor([0, 1, 3, 6]))


def as_lists(sequences: Sequences) -> list[list[list[float]]]:
    return [part.tolist() for part in sequences]


def test_a_tiny_case_by_hand() -> None:
    s = three()
    assert as_lists(s) == [[[1.0]], [[2.0], [3.0]], [[4.0], [5.0], [6.0]]]
    assert len(s) == 3
    assert s.shape == (3,)
    assert s.n_features == 1
    assert s.lengths.tolist() == [1, 2, 3]
    assert s.device == torch.device("cpu")
    assert s[1].tolist() == [[2.0], [3.0]]
    assert s[-1].tolist() == [[4.0], [5.0], [6.0]]
    assert as_lists(s[[2, 0]]) == [[[4.0], [5.0], [6.0]], [[1.0]]]


@settings(deadline=None)
@given(ragged_arrays(), st.data())
def test_selection_equals_that_of_a_list(arrays: list[Floats], data: st.DataObject) -> None:
    n = len(arrays)
    s, expected = as_sequences(arrays), [array.tolist() for array in arrays]
    i = data.draw(st.integers(-n, n - 1))
    assert s[i].tolist() == expected[i]
    assert s[np.int64(i)].tolist() == expected[i]
    bound = st.none() | st.integers(-n - 2, n + 2)
    step = data.draw(st.none() | st.sampled_from([-3, -2, -1, 1, 2, 3]))
    key = slice(data.draw(bound), data.draw(bound), step)
    assert as_lists(s[key]) == expected[key]
    index = data.draw(st.lists(st.integers(-n, n - 1), max_size=8))
    for form in (index, np.array(index, dtype=np.int64), torch.tensor(index, dtype=torch.int64)):
        assert as_lists(s[form]) == [expected[k] for k in index]
    mask = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    for mask_form in (mask, np.array(mask), torch.tensor(mask)):
        assert as_lists(s[mask_form]) == [row for row, kept in zip(expected, mask, strict=True) if kept]


@settings(deadline=None)
@given(ragged_sequences(), st.data())
def test_selecting_twice_is_selecting_once(s: Sequences, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(s))))
    back = np.argsort(order)
    assert s[order][back] == s


def test_a_slice_shares_memory_and_an_index_array_does_not() -> None:
    s = three()
    assert s[1:].values.data_ptr() == s.values[1:].data_ptr()
    assert s[[0, 1, 2]].values.data_ptr() != s.values.data_ptr()


@pytest.mark.parametrize("key", [[], np.array([]), np.zeros(3, dtype=bool), slice(2, 1), slice(2, 0, 2)])
def test_nothing_selected_is_an_empty_collection(key: Any) -> None:
    empty = three()[key]
    assert len(empty) == 0
    assert empty.n_features == 1
    assert as_lists(empty) == []
    assert repr(empty) == "Sequences(0 sequences, 1 feature)"


def test_index_arrays_of_any_kind_are_taken_without_a_warning() -> None:
    s = three()
    read_only = np.array([2, 0])
    read_only.flags.writeable = False
    for key in (read_only, np.array([0, 2])[::-1], np.array([2, 0], dtype=np.uint8), np.array([2, 0], ">i4")):
        assert s[key].lengths.tolist() == [3, 1]


@pytest.mark.parametrize(
    ("key", "error", "message"),
    [
        (3, IndexError, "Index must lie in [-3, 3); got 3."),
        (-4, IndexError, "Index must lie in [-3, 3); got -4."),
        ([0, 3], IndexError, "Indices must lie in [-3, 3); got 3 at position 1."),
        ([True, False], IndexError, "A mask must have one entry for each of the 3 sequences; got 2."),
        (np.zeros(0, dtype=bool), IndexError, "one entry for each of the 3 sequences; got 0."),
        ([0.5], IndexError, "An index must hold integers or booleans; got torch.float64."),
        ([[0, 1]], IndexError, "An index must be one-dimensional; got shape (1, 2)."),
        ((0, 1), TypeError, "`Sequences` is indexed by sequence only; got (0, 1)."),
    ],
)
def test_a_wrong_index_is_named(key: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        three()[key]


def test_scikit_learn_splits_it() -> None:
    s = as_sequences([[float(i)] * (i + 1) for i in range(20)])
    y = np.arange(20) % 2
    train, test, y_train, y_test = train_test_split(s, y, test_size=5, random_state=0, stratify=y)
    assert (len(train), len(test)) == (15, 5)
    assert isinstance(train, Sequences)
    for part, labels in ((train, y_train), (test, y_test)):
        assert [int(one[0, 0]) % 2 for one in part] == labels.tolist()
    for rows, _ in StratifiedKFold(4).split(s, y):
        assert s[rows, ...] == s[rows]


@settings(deadline=None)
@given(ragged_sequences(), st.data())
def test_concatenation_undoes_a_cut(s: Sequences, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(s)))
    assert Sequences.concatenate([s[:cut], s[cut:]]) == s


def test_concatenation_names_the_part_that_does_not_fit() -> None:
    two = as_sequences([[[1.0, 2.0]]])
    message = re.escape("got 1 in parts[0] and 2 in parts[1]. Select the same columns in each.")
    with pytest.raises(InvalidSequenceError, match=message):
        Sequences.concatenate([three(), two])
    with pytest.raises(InvalidSequenceError, match="must hold at least one `Sequences`; got none"):
        Sequences.concatenate([])


def test_equality_looks_at_values_and_at_borders() -> None:
    s = three()
    assert s == three()
    assert s != Sequences(s.values, torch.tensor([0, 2, 3, 6]))
    assert s != Sequences(s.values + 1, s.offsets)
    assert s != [1, 2]
    with pytest.raises(TypeError, match="unhashable"):
        hash(s)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_copies_and_pickles_are_equal(duplicate: Any) -> None:
    assert duplicate(three()) == three()


def test_a_pickled_slice_leaves_the_rest_behind() -> None:
    s = as_sequences(np.ones((1000, 50)))
    assert pickle.loads(pickle.dumps(s[3:5])) == s[3:5]
    assert len(pickle.dumps(s[3:5])) < 5_000 < len(pickle.dumps(s))


def test_values_can_be_replaced_step_by_step() -> None:
    s = three()
    assert as_lists(s.with_values(s.values * 2))[1] == [[4.0], [6.0]]
    assert s.with_values(torch.zeros(6, 5)).n_features == 5
    message = re.escape("`values` must have shape (6, n_features), a row per step; got (5, 1).")
    with pytest.raises(InvalidSequenceError, match=message):
        s.with_values(torch.zeros(5, 1))


def test_it_moves_between_devices() -> None:
    s = three()
    assert s.to("cpu") == s
    assert s.to("cpu").values is s.values
    assert s.to("meta").device == torch.device("meta")
    assert repr(s[:0].to("meta")) == "Sequences(0 sequences, 1 feature, meta)"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="pinning needs a GPU")
def test_pinned_sequences_are_equal() -> None:
    pinned = three().pin_memory()
    assert pinned.values.is_pinned()
    assert pinned == three()
    assert pinned.to("cuda", non_blocking=True) == three()


def test_repr_tells_the_size() -> None:
    assert repr(three()) == "Sequences(3 sequences, 1 feature, lengths 1 to 3, 6 steps)"
    assert repr(as_sequences([[[1, 2]]])) == "Sequences(1 sequence, 2 features, lengths 1 to 1, 1 steps)"


def test_it_is_frozen() -> None:
    with pytest.raises(AttributeError):
        three().values = torch.zeros(1, 1)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("values", "offsets", "error", "message"),
    [
        ([1.0], [0, 1], TypeError, "`values` and `offsets` must be tensors; got list and list."),
        (torch.ones(2), torch.tensor([0, 2]), InvalidSequenceError, "got torch.float32 of shape (2,)"),
        (torch.ones(2, 1).double(), torch.tensor([0, 2]), InvalidSequenceError, "got torch.float64 of shape"),
        (torch.ones(2, 0), torch.tensor([0, 2]), InvalidSequenceError, "got torch.float32 of shape (2, 0)"),
        (
            torch.ones(2, 1),
            torch.tensor([0.0, 2.0]),
            InvalidSequenceError,
            "`offsets` must be int64 of shape",
        ),
        (torch.ones(2, 1), torch.tensor([0, 3]), InvalidSequenceError, "from 0 to the 2 steps; got 0 to 3."),
        (torch.ones(2, 1), torch.tensor([1, 2]), InvalidSequenceError, "from 0 to the 2 steps; got 1 to 2."),
        (
            torch.ones(2, 1),
            torch.tensor([0, 2, 2]),
            InvalidSequenceError,
            "got offsets[1]=2 and offsets[2]=2.",
        ),
    ],
)
def test_a_layout_that_does_not_fit_is_refused(
    values: Any, offsets: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        Sequences(values, offsets)


@settings(deadline=None)
@given(ragged_sequences(), st.data())
def test_selection_keeps_gradients(s: Sequences, data: st.DataObject) -> None:
    values = s.values.clone().requires_grad_()
    index = data.draw(st.lists(st.integers(0, len(s) - 1), min_size=1, max_size=5))
    s.with_values(values)[index].values.sum().backward()
    assert values.grad is not None
    times = [float(index.count(i)) for i in range(len(s)) for _ in range(int(s.lengths[i]))]
    assert values.grad[:, 0].tolist() == times


def test_offsets_whose_differences_overflow_are_refused() -> None:
    with pytest.raises(InvalidSequenceError, match="Every sequence must have at least one step"):
        Sequences(torch.zeros(4, 1), torch.tensor([0, 2**63 - 1, -2, 4]))
