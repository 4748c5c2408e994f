"""`as_sequences` accepts all kinds of input and changes none of it."""

from __future__ import annotations

import math
import pickle
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from oracles import length_of
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences, as_sequences, pack
from strategies import Padded, padded_tables


def test_a_tiny_case_by_hand() -> None:
    s = as_sequences(np.array([[0.5, 0.0, 0.25, 0.0], [0.0, 0.0, 0.0, 0.0]]))
    assert s.values.tolist() == [[0.5], [0.0], [0.25], [0.0]]
    assert s.lengths.tolist() == [3, 1]
    assert as_sequences(np.array([[1, 0, 7], [1, 7, 7]]), padding_value=7).lengths.tolist() == [2, 1]
    assert as_sequences(np.array([[1, 0], [0, 0]]), padding_value=None).lengths.tolist() == [2, 2]
    assert as_sequences(np.array([[1, 0], [0, 0]]), lengths=[2, 1]).lengths.tolist() == [2, 1]
    assert as_sequences(np.array([[1, math.nan]]), padding_value=math.nan).values.tolist() == [[1.0]]


def test_sequences_are_returned_as_is() -> None:
    s = as_sequences([[1.0], [2.0, 3.0]])
    assert as_sequences(s) is s


@settings(deadline=None)
@given(padded_tables())
def test_the_oracle_finds_the_same_steps(padded: Padded) -> None:
    s = as_sequences(padded.table)
    expected = [row[: max(1, length_of(row, 0.0))] for row in padded.table.tolist()]
    assert [one.tolist() for one in s] == expected
    assert as_sequences(torch.from_numpy(padded.table)) == s
    assert as_sequences(padded.table.astype(np.float64)) == s
    flat = padded.table[..., 0]
    assert as_sequences(pd.DataFrame(flat)) == as_sequences(flat) == as_sequences(flat[..., None])


@settings(deadline=None)
@given(padded_tables(), st.integers(1, 5), st.sampled_from([0.0, math.nan, -7.0]))
def test_more_padding_does_not_change_the_result(padded: Padded, extra: int, padding_value: float) -> None:
    n, width, n_features = padded.table.shape
    table = padded.table.copy()
    table[np.arange(width) >= padded.lengths[:, None]] = padding_value
    more = np.full((n, extra, n_features), padding_value, dtype=np.float32)
    longer = np.concatenate([table, more], axis=1)
    assert as_sequences(longer, padding_value=padding_value) == as_sequences(
        table, padding_value=padding_value
    )
    assert as_sequences(longer, lengths=padded.lengths) == as_sequences(table, lengths=padded.lengths)


@settings(deadline=None)
@given(padded_tables(garbage=True))
def test_values_after_the_lengths_do_not_change_the_result(padded: Padded) -> None:
    assert as_sequences(padded.table, lengths=padded.lengths) == as_sequences(padded.arrays)


@settings(deadline=None)
@given(padded_tables(), st.data())
def test_rows_convert_one_by_one(padded: Padded, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(padded.table))))
    whole = as_sequences(padded.table)
    assert as_sequences(padded.table[order]) == whole[order]
    assert Sequences.concatenate(as_sequences(row[None]) for row in padded.table) == whole


@settings(deadline=None)
@given(padded_tables(garbage=True))
def test_input_and_global_random_state_are_not_changed(padded: Padded) -> None:
    forms: list[NDArray[Any]] = [padded.table, padded.lengths, *padded.arrays]
    before = [form.copy() for form in forms]
    torch_state, numpy_state = torch.get_rng_state(), pickle.dumps(np.random.get_state())  # noqa: NPY002
    as_sequences(padded.table, lengths=padded.lengths)
    as_sequences(torch.from_numpy(padded.table), lengths=padded.lengths)
    as_sequences(padded.arrays)
    for form, old in zip(forms, before, strict=True):
        np.testing.assert_array_equal(form, old)
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert pickle.dumps(np.random.get_state()) == numpy_state  # noqa: NPY002


@pytest.mark.parametrize(
    "X",
    [
        [[1.0, 0.0]],
        as_sequences([[1.0, 0.0]]),
        pack(as_sequences([[1.0, 0.0]])),
        as_sequences([[1.0, 0.0]]).to_nested(),
        as_sequences([[1.0, 0.0]]).to_arrow(),
    ],
)
def test_lengths_are_rejected_for_ragged_input(X: Any) -> None:
    message = (
        f"`lengths` is for padded arrays only; got it with X of type {type(X).__name__}, whose sequences"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        as_sequences(X, lengths=[2])


@pytest.mark.parametrize(
    ("X", "advice"),
    [
        (
            [[1.0, 0.0]],
            "If X is a padded table, pass `np.asarray(X)`; if its sequences hold no padding, drop",
        ),
        (np.array([[1, 0]], dtype=object), "If X is a padded table, pass `X.astype(float)`; if its"),
        (as_sequences([[1.0, 0.0]]), "lengths. Drop `lengths`."),
    ],
)
def test_the_advice_on_lengths_fits_the_input(X: Any, advice: str) -> None:
    with pytest.raises(ValueError, match=re.escape(advice)):
        as_sequences(X, lengths=[2])


@pytest.mark.parametrize("X", [np.ones((2, 3)), [[1.0]]])
def test_an_invalid_padding_value_is_named(X: Any) -> None:
    with pytest.raises(TypeError, match=r"`padding_value` must be a number, .* got 'nan'\. Replace"):
        as_sequences(X, padding_value="nan")  # type: ignore[arg-type]


def test_lengths_must_not_exceed_the_rows() -> None:
    message = "`lengths` must not exceed the 3 padded steps; got lengths[1]=4. Were the values cut after"
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        as_sequences(np.ones((2, 3)), lengths=[1, 4])


@pytest.mark.parametrize("X", [None, {"a": 1}, "abc", {1.0}, iter([[1.0]])])
def test_other_types_are_a_type_error(X: Any) -> None:
    with pytest.raises(TypeError, match="X must be an array or a list of numbers; got"):
        as_sequences(X)


@pytest.mark.parametrize(
    "X", [5, np.float64(5), np.ones(4), torch.ones(4), pd.Series([1.0, 2.0]), [1.0, 2.0]]
)
def test_a_single_row_must_be_reshaped(X: Any) -> None:
    with pytest.raises(InvalidSequenceError, match="Reshape your data"):
        as_sequences(X)


def test_an_array_interface_is_enough() -> None:
    class Table:
        def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
            return np.array([[1.0, 2.0, 0.0]])

    assert as_sequences(Table()).values.flatten().tolist() == [1.0, 2.0]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_tensors_keep_their_device() -> None:
    X = torch.tensor([[1.0, 2.0, 0.0], [3.0, 0.0, 0.0]], device="cuda")
    s = as_sequences(X)
    assert s.device.type == "cuda"
    assert s == as_sequences(X.cpu())


@pytest.mark.parametrize(
    "X",
    [
        np.array([[1.0, 2.0, 0.0], [3.0, 0.0, 0.0]]),
        [[1.0, 2.0], [3.0]],
        as_sequences([[1.0, 2.0], [3.0]]),
        pack(as_sequences([[1.0, 2.0], [3.0]])),
        as_sequences([[1.0, 2.0], [3.0]]).to_nested(),
        as_sequences([[1.0, 2.0], [3.0]]).to_arrow(),
    ],
)
def test_static_features_join_every_kind_of_input(X: Any) -> None:
    s = as_sequences(X, static=pd.DataFrame({"age": [61, 34], "sex": [0, 1]}))
    assert s == as_sequences([[1.0, 2.0], [3.0]]).with_static([[61, 0], [34, 1]])


@settings(deadline=None)
@given(padded_tables(), st.data())
def test_static_features_are_selected_with_their_rows(padded: Padded, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(padded.table))))
    static = np.arange(len(padded.table))
    whole = as_sequences(padded.table, lengths=padded.lengths, static=static)
    reordered = as_sequences(padded.table[order], lengths=padded.lengths[order], static=static[order])
    assert reordered == whole[order]


def test_static_features_are_never_replaced_silently() -> None:
    s = as_sequences([[1.0], [2.0, 3.0]], static=[[5, 6], [7, 8]])
    assert as_sequences(s) is s
    message = (
        "got `static` and X with 2 static feature(s) of its own. Drop `static`, or replace the features of X"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        as_sequences(s, static=[1, 2])


def test_invalid_static_features_are_named() -> None:
    with pytest.raises(InvalidSequenceError, match=r"one row for each of the 2 sequences; got shape \(3,\)"):
        as_sequences([[1.0], [2.0]], static=[1, 2, 3])
    with pytest.raises(InvalidSequenceError, match=r"`static` must hold finite .* got static\[1\]=nan"):
        as_sequences([[1.0], [2.0]], static=[1, math.nan])


def test_read_only_arrays_are_accepted_without_a_warning() -> None:
    rows, lengths, static = np.ones((2, 3)), np.array([1, 3]), np.array([5.0, 6.0])
    for array in (rows, lengths, static):
        array.flags.writeable = False
    expected = as_sequences([[1], [1, 1, 1]], static=[5, 6])
    assert as_sequences(rows, lengths=lengths, static=static) == expected
    assert as_sequences([rows[0, :1], rows[1]], static=static) == expected
    assert as_sequences(pd.DataFrame(rows), lengths=pd.Series(lengths), static=pd.Series(static)) == expected
