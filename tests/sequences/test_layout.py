"""Tensors that do not form a valid layout are rejected."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences
from seqclf.sequences._layout import offsets_of

ONES, TWO = torch.ones(2, 1), torch.tensor([0, 2])


def test_offsets_are_cumulative_lengths() -> None:
    assert offsets_of(torch.tensor([2, 1, 3])).tolist() == [0, 2, 3, 6]
    assert offsets_of(torch.tensor([], dtype=torch.int64)).tolist() == [0]


@pytest.mark.parametrize(
    ("values", "offsets", "error", "message"),
    [
        ([1.0], [0, 1], TypeError, "`values` and `offsets` must be tensors; got list and list."),
        (torch.ones(2), TWO, InvalidSequenceError, "got torch.float32 of shape (2,)"),
        (ONES.half(), TWO, InvalidSequenceError, "got torch.float16 of shape (2, 1)"),
        (
            torch.ones(2, 0),
            TWO,
            InvalidSequenceError,
            "at least one feature, or `tokens`; got torch.float32 of shape (2, 0)",
        ),
        (ONES, torch.tensor([0.0, 2.0]), InvalidSequenceError, "`offsets` must be int64 of shape"),
        (ONES, torch.tensor([0, 3]), InvalidSequenceError, "the number of steps, 2; got 0 and 3. Were steps"),
        (
            ONES,
            torch.tensor([1, 2]),
            InvalidSequenceError,
            "start at 0 and end at the number of steps, 2; got 1",
        ),
        (
            ONES,
            torch.tensor([0, 2, 2]),
            InvalidSequenceError,
            "got offsets[1]=2 and offsets[2]=2. Drop empty",
        ),
    ],
)
def test_invalid_values_and_offsets_are_rejected(
    values: Any, offsets: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        Sequences(values, offsets)


@pytest.mark.parametrize(
    ("static", "error", "message"),
    [
        ([[1.0]], TypeError, "`static` must be a tensor or None; got list. Use `Sequences.with_static`"),
        (torch.ones(1), InvalidSequenceError, "float32 of shape (1, n_static_features) with at least one"),
        (torch.ones(2, 1), InvalidSequenceError, "got torch.float32 of shape (2, 1)."),
        (torch.ones(1, 0), InvalidSequenceError, "got torch.float32 of shape (1, 0)."),
        (torch.ones(1, 1).double(), InvalidSequenceError, "got torch.float64 of shape (1, 1)."),
    ],
)
def test_invalid_static_features_are_rejected(static: Any, error: type[Exception], message: str) -> None:
    assert Sequences(ONES, TWO, torch.ones(1, 3)).n_static_features == 3
    with pytest.raises(error, match=re.escape(message)):
        Sequences(ONES, TWO, static)


def test_offsets_whose_differences_overflow_are_rejected() -> None:
    with pytest.raises(InvalidSequenceError, match="Every sequence must have at least one step"):
        Sequences(torch.zeros(4, 1), torch.tensor([0, 2**63 - 1, -2, 4]))
