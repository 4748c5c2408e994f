"""Padded arrays have 2 or 3 dimensions and hold numbers."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import as_sequences
from seqclf.sequences.padding._padded_input import padded_array


def test_arrays_of_two_and_three_dimensions_are_accepted() -> None:
    for shape in ((2, 3), (2, 3, 4)):
        assert padded_array(np.zeros(shape)).shape == shape
    assert padded_array([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]


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
def test_an_invalid_shape_is_named(shape: tuple[int, ...], message: str) -> None:
    for X in (np.zeros(shape), torch.zeros(shape)):
        with pytest.raises(InvalidSequenceError, match=re.escape(message)):
            padded_array(X)


def test_sequences_are_not_a_padded_array() -> None:
    with pytest.raises(TypeError, match=r"got Sequences, which hold no padding\. See their `lengths`\."):
        padded_array(as_sequences([[1.0]]))
