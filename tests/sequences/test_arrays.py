"""Padded arrays are cut row by row, whatever their dtype and layout."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import _blocks, as_sequences
from seqclf.sequences._arrays import padded_array, sequences_of_array
from strategies import Padded, padded_tables


def test_a_tiny_case_by_hand() -> None:
    X = np.array([[1.0, 9.0], [2.0, 3.0]])
    s = sequences_of_array(X, np.array([1, 2]))
    assert s.values.tolist() == [[1.0], [2.0], [3.0]]
    assert s.offsets.tolist() == [0, 1, 3]


@settings(deadline=None)
@given(padded_tables(garbage=True))
def test_what_lies_behind_the_lengths_is_never_read(padded: Padded) -> None:
    s = sequences_of_array(padded.table, padded.lengths)
    np.testing.assert_array_equal(s.values.numpy(), np.concatenate(padded.arrays))
    assert s.lengths.tolist() == padded.lengths.tolist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_blocks, "ELEMENTS_PER_BLOCK", 7)
        assert sequences_of_array(padded.table, padded.lengths) == s


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "g", ">f8", "i1", "u8", "i8", "?", "O"])
def test_any_real_dtype_becomes_float32(dtype: str) -> None:
    s = as_sequences(np.array([[1, 0, 1, 0], [1, 1, 0, 0]]).astype(dtype))
    assert s.values.dtype == torch.float32
    assert s.values.flatten().tolist() == [1, 0, 1, 1, 1]
    assert s.lengths.tolist() == [3, 2]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_read_only_and_mapped_arrays_are_copied_without_a_warning(dtype: Any, tmp_path: Path) -> None:
    X = np.array([[1, 2, 0], [3, 0, 0]], dtype=dtype)
    X.flags.writeable = False
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    assert as_sequences(X) == as_sequences(mapped) == as_sequences([[1, 2], [3]])


@pytest.mark.parametrize("make", [np.array, torch.tensor])
@pytest.mark.parametrize("padding_value", [0.0, None])
def test_memory_is_not_shared(make: Any, padding_value: float | None) -> None:
    X = make([[1.0, 2.0], [3.0, 4.0]])
    s = as_sequences(X, padding_value=padding_value)
    s.values[:] = -1
    assert X.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_layout_in_memory_does_not_matter() -> None:
    X = np.random.default_rng(0).integers(0, 2, size=(20, 6, 3)).astype(float)
    expected = as_sequences(X)
    assert as_sequences(np.asfortranarray(X)) == expected
    assert as_sequences(X[::-1])[::-1] == expected
    assert as_sequences(np.asfortranarray(X[..., 0])) == as_sequences(X[..., 0])
    assert as_sequences(X.transpose(0, 2, 1).copy().transpose(0, 2, 1)) == expected


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (
            (5,),
            "3-D array (n_samples, n_timesteps, n_features); got shape (5,). Reshape your data: `X.reshape(1, -1)`",
        ),
        ((), "got shape (). Reshape your data"),
        ((2, 3, 4, 5), "got 4-D, shape (2, 3, 4, 5). Flatten the features of each step:"),
        (
            (0, 3),
            "Found array with 0 sample(s) (shape=(0, 3)) while a minimum of 1 is required. Was everything",
        ),
        ((12, 0), "0 feature(s) (shape=(12, 0)) while a minimum of 1 is required. Every sequence needs"),
        ((2, 3, 0), "0 feature(s) (shape=(2, 3, 0)) while a minimum of 1 is required."),
    ],
)
def test_a_shape_that_does_not_fit_is_named(shape: tuple[int, ...], message: str) -> None:
    for X in (np.zeros(shape), torch.zeros(shape)):
        with pytest.raises(InvalidSequenceError, match=re.escape(message)):
            as_sequences(X)


def test_sequences_are_no_padded_array() -> None:
    with pytest.raises(TypeError, match=r"got Sequences, which hold no padding\. See their `lengths`\."):
        padded_array(as_sequences([[1.0]]))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (math.nan, "got NaN in row 1, step 1, feature 0. Fill it in first; if it is padding, pass `lengths`"),
        (-math.inf, "got infinity (-inf) in row 1, step 1, feature 0."),
        (1e300, "must fit float32 (at most 3.4e38); got 1e+300 in row 1, step 1, feature 0. Rescale it."),
    ],
)
def test_a_real_step_that_is_not_finite_is_named(value: float, message: str) -> None:
    X = np.array([[1.0, 2.0, 3.0], [1.0, value, 3.0]])
    for form in (X, X[..., None], torch.from_numpy(X), X.astype(object)):
        with pytest.raises(InvalidSequenceError, match=re.escape(message)):
            as_sequences(form)
    assert as_sequences(X, lengths=[3, 1]).lengths.tolist() == [3, 1]


def test_a_row_of_nan_padding_alone_is_named() -> None:
    X = np.array([[1.0, math.nan], [math.nan, math.nan]])
    message = "got NaN in row 1, step 0, feature 0. Only the run of nan at the end of a row is padding"
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        as_sequences(X, padding_value=math.nan)
