"""Indexing `Sequences` equals indexing a list of their steps."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold, train_test_split
from torch.utils._python_dispatch import TorchDispatchMode

from seqclf.sequences import Sequences, as_sequences
from strategies import ragged_sequences, sequences_with_static


def three() -> Sequences:
    """[1], [2, 3], [4, 5, 6] with static features 10, 20, 30."""
    values = torch.tensor([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]])
    return Sequences(values, torch.tensor([0, 1, 3, 6]), torch.tensor([[10.0], [20.0], [30.0]]))


def as_lists(sequences: Sequences) -> list[list[list[float]]]:
    return [steps.tolist() for steps in sequences]


def static_lists(sequences: Sequences) -> list[list[float]]:
    assert sequences.static is not None
    rows: list[list[float]] = sequences.static.tolist()
    return rows


def test_a_tiny_case_by_hand() -> None:
    s = three()
    assert s[1].tolist() == [[2.0], [3.0]]
    assert s[-1].tolist() == [[4.0], [5.0], [6.0]]
    assert as_lists(s[[2, 0]]) == [[[4.0], [5.0], [6.0]], [[1.0]]]
    assert static_lists(s[[2, 0]]) == [[30.0], [10.0]]
    assert static_lists(s[1:]) == [[20.0], [30.0]]
    assert static_lists(s[[True, False, True]]) == [[10.0], [30.0]]


@settings(deadline=None)
@given(sequences_with_static(), st.data())
def test_every_kind_of_index_selects_the_same_as_in_a_list(s: Sequences, data: st.DataObject) -> None:
    n, steps, static = len(s), as_lists(s), static_lists(s)
    i = data.draw(st.integers(-n, n - 1))
    assert s[i].tolist() == s[np.int64(i)].tolist() == steps[i]
    bound = st.none() | st.integers(-n - 2, n + 2)
    key = slice(
        data.draw(bound), data.draw(bound), data.draw(st.none() | st.sampled_from([-3, -2, -1, 1, 2, 3]))
    )
    assert (as_lists(s[key]), static_lists(s[key])) == (steps[key], static[key])
    index = data.draw(st.lists(st.integers(-n, n - 1), max_size=8))
    for form in (index, np.array(index, dtype=np.int64), torch.tensor(index, dtype=torch.int64)):
        assert as_lists(s[form]) == [steps[k] for k in index]
        assert static_lists(s[form]) == [static[k] for k in index]
    mask = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    for mask_form in (mask, np.array(mask), torch.tensor(mask)):
        assert as_lists(s[mask_form]) == [row for row, kept in zip(steps, mask, strict=True) if kept]
        assert static_lists(s[mask_form]) == [row for row, kept in zip(static, mask, strict=True) if kept]


@settings(deadline=None)
@given(sequences_with_static() | ragged_sequences(), st.data())
def test_a_permutation_followed_by_its_inverse_changes_nothing(s: Sequences, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(s))))
    assert s[order][np.argsort(order)] == s


def test_a_slice_is_a_view_and_an_index_array_copies() -> None:
    s = three()
    assert s.static is not None
    assert s[1:].values.data_ptr() == s.values[1:].data_ptr()
    assert s[1:].static.data_ptr() == s.static[1:].data_ptr()
    assert s[[0, 1, 2]].values.data_ptr() != s.values.data_ptr()
    assert s[[0, 1, 2]].static.data_ptr() != s.static.data_ptr()


@pytest.mark.parametrize("key", [[], np.array([]), np.zeros(3, dtype=bool), slice(2, 1), slice(2, 0, 2)])
def test_an_empty_selection_is_an_empty_collection(key: Any) -> None:
    empty = three()[key]
    assert len(empty) == 0
    assert (empty.n_features, empty.n_static_features) == (1, 1)
    assert as_lists(empty) == []
    assert static_lists(empty) == []
    assert repr(empty) == "Sequences(0 sequences, 1 feature, 1 static feature)"


def test_index_arrays_of_any_layout_and_dtype_are_accepted_without_a_warning() -> None:
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
        ([0.5], IndexError, "An index array must hold integers or booleans; got torch.float64."),
        ([[0, 1]], IndexError, "An index array must be one-dimensional; got shape (1, 2)."),
        (
            True,
            TypeError,
            "An index must be an integer, a slice, a mask or an index array; got True. A mask has one",
        ),
        (np.False_, TypeError, "got False. A mask has one entry for each of the 3 sequences."),
        ((0, 1), TypeError, "`Sequences` accepts one index, over sequences; got (0, 1). Select features"),
    ],
)
def test_an_invalid_index_is_named(key: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        three()[key]


class Largest(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes the size of the largest tensor that an operator computes; views compute nothing."""

    size = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor) and func._schema.returns[0].alias_info is None:
            self.size = max(self.size, result.numel())
        return result


def test_a_batch_costs_no_more_if_there_are_many_sequences() -> None:
    s = Sequences(
        torch.zeros(30_000, 1),
        torch.arange(0, 30_001, 3),
        static=torch.zeros(10_000, 2),
    )
    with Largest() as largest:  # type: ignore[no-untyped-call]
        s[torch.arange(0, 10_000, 1_000)]
        s[5:15]
        s[3]
    assert largest.size == 30


def test_scikit_learn_splits_sequences_with_their_static_features() -> None:
    numbers = np.arange(20)
    s = as_sequences([[float(i)] * (i + 1) for i in numbers], static=numbers)
    y = numbers % 2
    train, test, y_train, y_test = train_test_split(s, y, test_size=5, random_state=0, stratify=y)
    assert (len(train), len(test)) == (15, 5)
    for split, labels in ((train, y_train), (test, y_test)):
        assert isinstance(split, Sequences)
        assert [int(steps[0, 0]) % 2 for steps in split] == labels.tolist()
        assert [row[0] for row in static_lists(split)] == [float(steps[0, 0]) for steps in split]
    for rows, _ in StratifiedKFold(4).split(s, y):
        assert s[rows, ...] == s[rows]


@settings(deadline=None)
@given(ragged_sequences(), st.data())
def test_gradients_flow_through_a_selection(s: Sequences, data: st.DataObject) -> None:
    values = s.values.clone().requires_grad_()
    static = torch.ones(len(s), 1, requires_grad=True)
    index = data.draw(st.lists(st.integers(0, len(s) - 1), min_size=1, max_size=5))
    chosen = Sequences.unchecked(values, s.offsets, static)[index]
    (chosen.values.sum() + chosen.static.sum()).backward()
    assert values.grad is not None
    assert static.grad is not None
    counts = [float(index.count(i)) for i in range(len(s))]
    assert static.grad[:, 0].tolist() == counts
    assert values.grad[:, 0].tolist() == [counts[i] for i in range(len(s)) for _ in range(int(s.lengths[i]))]
