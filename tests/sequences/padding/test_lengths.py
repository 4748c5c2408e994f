"""Lengths given by the user are checked one by one."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences.padding._lengths import check_lengths


@pytest.mark.parametrize(
    "lengths",
    [[1, 5, 2], (1, 5, 2), np.array([1, 5, 2], np.uint8), torch.tensor([1, 5, 2]), [1.0, 5.0, 2.0]],
)
def test_whole_numbers_of_any_type_are_accepted(lengths: Any) -> None:
    checked = check_lengths(lengths, n_samples=3, n_timesteps=5)
    assert checked.tolist() == [1, 5, 2]
    assert checked.dtype == np.int64


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        (
            [1, 6, 7],
            "`lengths` must not exceed the 5 padded steps; got lengths[1]=6. Were the values cut after",
        ),
        (
            np.array([1, 2, 2**63], np.uint64),
            "`lengths` must not exceed the 5 padded steps; got lengths[2]=9223372036854775808.",
        ),
        ([1, 2, 0], "`lengths` must be at least 1; got lengths[2]=0. Drop empty sequences."),
        ([1, -3, 0], "`lengths` must be at least 1; got lengths[1]=-3."),
        ([1, 2.5, 3], "`lengths` must be whole numbers; got lengths[1]=2.5. Round them first."),
        ([1, 2, np.nan], "`lengths` must be whole numbers; got lengths[2]=nan."),
        ([1, np.inf, 3], "`lengths` must not exceed the 5 padded steps; got lengths[1]=inf."),
        ([1, 2], "one length for each of the 3 sequences; got shape (2,). Was X filtered"),
        ([[1, 2, 3]], "one length for each of the 3 sequences; got shape (1, 3)."),
        (3, "one length for each of the 3 sequences; got shape ()."),
    ],
)
def test_the_first_invalid_length_is_named(lengths: Any, message: str) -> None:
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        check_lengths(lengths, n_samples=3, n_timesteps=5)


@pytest.mark.parametrize("lengths", [[True, False, True], ["1", "2", "3"]])
def test_other_dtypes_are_a_type_error(lengths: Any) -> None:
    with pytest.raises(TypeError, match="`lengths` must be integers; got dtype"):
        check_lengths(lengths, n_samples=3, n_timesteps=5)
