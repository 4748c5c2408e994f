"""The padding value is compared in the precision of the data."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from seqclf.sequences import as_sequences, describe_padding, infer_lengths
from seqclf.sequences.padding._trailing_padding import check_padding_value, is_padding, trailing_lengths


def test_a_tiny_case_by_hand() -> None:
    X = np.array([[1.0, 0.0, 2.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    assert trailing_lengths(X, 0.0).tolist() == [3, 0]
    assert is_padding(X, 2.0).tolist() == [[False, False, True, False], [False] * 4]
    assert is_padding(np.array([[1, 0]]), 0.0).tolist() == [[False, True]]


def test_the_padding_value_is_compared_in_the_precision_of_the_array() -> None:
    X = np.array([[0.5, 0.1, 0.1]], dtype=np.float32)
    assert infer_lengths(X, padding_value=0.1).tolist() == [1]
    assert infer_lengths(X, padding_value=np.float64(0.1)).tolist() == [1]
    assert infer_lengths(np.array([[1, -999, -999]]), padding_value=-999).tolist() == [1]


def test_a_padding_value_outside_the_range_of_the_dtype_matches_nothing() -> None:
    X = np.array([[1.0, -np.inf]], dtype=np.float16)
    assert infer_lengths(X, padding_value=-1e9).tolist() == [2]
    assert infer_lengths(X, padding_value=-math.inf).tolist() == [1]


def test_the_padding_value_is_rounded_like_tensors_of_dtypes_unknown_to_numpy() -> None:
    X = torch.tensor([[1.0, -999.0, -999.0]], dtype=torch.bfloat16)
    assert infer_lengths(X, padding_value=-999.0).tolist() == [1]
    assert as_sequences(X, padding_value=-999.0).lengths.tolist() == [1]
    assert describe_padding(X, padding_value=-999.0).share_padded == pytest.approx(2 / 3)
    infinite = torch.tensor([[1.0, math.inf, math.inf]], dtype=torch.bfloat16)  # rounds 3.4e38 to infinity
    assert infer_lengths(infinite, padding_value=3.4e38).tolist() == [3]
    largest = torch.tensor([[1.0, 448.0, 448.0]]).to(torch.float8_e4m3fn)  # saturates 1e6 to 448
    assert infer_lengths(largest, padding_value=1e6).tolist() == [3]


@pytest.mark.parametrize("padding_value", ["0", None, [0.0], 1j])
def test_the_padding_value_must_be_a_number(padding_value: Any) -> None:
    with pytest.raises(
        TypeError, match="`padding_value` must be a number, which includes NaN and infinity; got"
    ):
        check_padding_value(padding_value)
