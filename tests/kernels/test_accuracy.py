"""Compared with float64, the kernels have about the same error as torch in float32."""

from __future__ import annotations

import math

import pytest
import torch

from kernels.cases import (
    Case,
    every_cell,
    gradients,
    native,
    needs_kernels,
    outcome_of,
    packed,
    relative_error,
)
from seqclf.kernels import RecurrentCell

pytestmark = needs_kernels
FLOOR = 1e-7
"""A little more than one rounding: torch may be exact by chance."""
LENGTHS = [(60, 3, 41), (1,), (200,), tuple(range(1, 20))]


@pytest.mark.parametrize("hidden_size", [1, 7, 32, 100, 300])
@every_cell
def test_errors_are_at_most_twice_those_of_torch(cell: RecurrentCell, hidden_size: int) -> None:
    """Root mean square over several batches, since a single one may match by chance."""
    squares = {"native": {"states": 0.0, "gradients": 0.0}, "packed": {"states": 0.0, "gradients": 0.0}}
    for seed, lengths in enumerate(LENGTHS):
        case = Case(cell=cell, hidden_size=hidden_size, lengths=lengths, bidirectional=True, seed=seed)
        exact = outcome_of(packed, case, torch.float64)
        for name, run in (("native", native), ("packed", packed)):
            got = outcome_of(run, case)
            squares[name]["states"] += relative_error(got["states"], exact["states"]) ** 2
            squares[name]["gradients"] += relative_error(gradients(got), gradients(exact)) ** 2
    for quantity, square in squares["native"].items():
        assert math.sqrt(square) <= 2 * math.sqrt(squares["packed"][quantity]) + FLOOR, quantity
