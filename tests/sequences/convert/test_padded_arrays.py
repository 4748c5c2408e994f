"""Padded arrays of any dtype and memory layout become `Sequences`."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import as_sequences
from seqclf.sequences.convert._padded_arrays import from_padded_array


def test_a_tiny_case_by_hand() -> None:
    X = np.array([[1.0, 0.0, 0.0], [2.0, 0.0, 3.0]])
    assert from_padded_array(X, lengths=[2, 1], padding_value=0.0) == as_sequences([[1, 0], [2]])
    assert from_padded_array(X, lengths=None, padding_value=0.0) == as_sequences([[1], [2, 0, 3]])
    assert from_padded_array(X, lengths=None, padding_value=None) == as_sequences(X.tolist())


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "g", ">f8", "i1", "u8", "i8", "?"])
def test_any_real_dtype_becomes_float32(dtype: str) -> None:
    s = as_sequences(np.array([[1, 0, 1, 0], [1, 1, 0, 0]]).astype(dtype))
    assert s.values.dtype == torch.float32
    assert s.values.flatten().tolist() == [1, 0, 1, 1, 1]
    assert s.lengths.tolist() == [3, 2]


def test_a_data_frame_is_a_padded_array_whatever_its_dtypes() -> None:
    frame = pd.DataFrame({"t0": [1, 2], "t1": [0, 3], "t2": [0, 0]})
    for form in (frame, frame.astype(object), frame.astype({"t1": object}), frame.astype("Int64")):
        assert as_sequences(form) == as_sequences([[1], [2, 3]])
    missing = pd.DataFrame({"t0": [1, 2], "t1": [None, 3]}, dtype=object)
    assert as_sequences(missing, padding_value=math.nan) == as_sequences([[1], [2, 3]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_read_only_and_memory_mapped_arrays_raise_no_warning(dtype: Any, tmp_path: Path) -> None:
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


def test_the_memory_layout_does_not_matter() -> None:
    X = np.random.default_rng(0).integers(0, 2, size=(20, 6, 3)).astype(float)
    expected = as_sequences(X)
    assert as_sequences(np.asfortranarray(X)) == expected
    assert as_sequences(X[::-1])[::-1] == expected
    assert as_sequences(np.asfortranarray(X[..., 0])) == as_sequences(X[..., 0])
    assert as_sequences(X.transpose(0, 2, 1).copy().transpose(0, 2, 1)) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (math.nan, "got NaN in row 1, step 1, feature 0. Fill it in first; if it is padding, pass `lengths`"),
        (-math.inf, "got infinity (-inf) in row 1, step 1, feature 0."),
        (
            1e300,
            "must fit float32 (at most 3.4e38); got 1e+300 in row 1, step 1, feature 0. Rescale the data.",
        ),
    ],
)
def test_a_real_step_that_is_not_finite_is_named(value: float, message: str) -> None:
    X = np.array([[1.0, 2.0, 3.0], [1.0, value, 3.0]])
    for form in (X, X[..., None], torch.from_numpy(X)):
        with pytest.raises(InvalidSequenceError, match=re.escape(message)):
            as_sequences(form)
    assert as_sequences(X, lengths=[3, 1]).lengths.tolist() == [3, 1]


def test_a_row_that_is_all_nan_padding_is_named() -> None:
    X = np.array([[1.0, math.nan], [math.nan, math.nan]])
    message = "got NaN in row 1, step 0, feature 0. Only nan at the end of a row is padding, and each row keeps at least one step. Fill in"
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        as_sequences(X, padding_value=math.nan)


@pytest.mark.parametrize("make", [np.array, torch.tensor])
def test_the_advice_on_missing_values_fits_the_given_lengths(make: Any) -> None:
    with pytest.raises(
        InvalidSequenceError, match=r"step 1, feature 0\. Fill it in first; if it is padding, shorten"
    ):
        as_sequences(make([[1.0, math.nan]]), lengths=[2])


@pytest.mark.parametrize("lengths", [None, [1]])
def test_values_are_detached_from_the_graph(lengths: list[int] | None) -> None:
    X = torch.ones(1, 2, requires_grad=True)
    assert not as_sequences(X, lengths=lengths).values.requires_grad
