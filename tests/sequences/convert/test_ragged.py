"""Values and offsets of other libraries are checked."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import as_sequences
from seqclf.sequences.convert._ragged import from_ragged

VALUES = torch.tensor([[1], [2], [3]])


def test_integers_keep_their_values() -> None:
    assert from_ragged(VALUES, torch.tensor([0, 2, 3])) == as_sequences([[1, 2], [3]])
    large = torch.tensor([[2**24], [2**24 + 1]])
    assert from_ragged(large, torch.tensor([0, 2])).values.flatten().tolist() == [2**24, 2**24 + 1]


def test_float32_values_are_not_copied() -> None:
    values = VALUES.float()
    assert from_ragged(values, torch.tensor([0, 3])).values.data_ptr() == values.data_ptr()


def test_empty_sequences_are_rejected() -> None:
    with pytest.raises(InvalidSequenceError, match="at least one step; got none in row 1"):
        from_ragged(VALUES, torch.tensor([0, 3, 3]))
    with pytest.raises(InvalidSequenceError, match=r"Found array with 0 sample\(s\)"):
        from_ragged(VALUES[:0], torch.tensor([0]))


def test_values_that_are_not_finite_are_named() -> None:
    with pytest.raises(InvalidSequenceError, match="got NaN in row 0, step 1, feature 0"):
        as_sequences((np.array([[1.0], [math.nan]]), np.array([2])))


def test_complex_values_never_lose_their_imaginary_part() -> None:
    with pytest.raises(
        InvalidSequenceError, match=r"every value must be real; got torch\.complex64\. Pass the"
    ):
        from_ragged(torch.ones(2, 1, dtype=torch.complex64), torch.tensor([0, 1, 2]))
    nested = torch.nested.nested_tensor([torch.tensor([1j]), torch.tensor([1j, 2.0])], layout=torch.jagged)
    with pytest.raises(InvalidSequenceError, match="Complex data not supported"):
        as_sequences(nested)
