"""The first value that is not finite is named."""

from __future__ import annotations

import math
import re

import pytest
import torch

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._finite import check_finite

OFFSETS = torch.tensor([0, 2, 3, 6])


def test_finite_values_pass_however_great_their_sum() -> None:
    check_finite(torch.zeros(6, 2), OFFSETS)
    check_finite(torch.full((6, 2), 3e38), OFFSETS)
    check_finite(torch.tensor([[3e38, -3e38]] * 6), OFFSETS)


@pytest.mark.parametrize(
    ("value", "name"), [(math.nan, "NaN"), (math.inf, "infinity (inf)"), (-math.inf, "infinity (-inf)")]
)
@pytest.mark.parametrize(
    ("position", "where"), [(0, "row 0, step 0"), (2, "row 1, step 0"), (5, "row 2, step 2")]
)
def test_row_step_and_feature_are_named(value: float, name: str, position: int, where: str) -> None:
    values = torch.zeros(6, 2)
    values[position, 1] = value
    message = f"Every real step must be finite; got {name} in {where}, feature 1. Fill in or drop such values first."
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        check_finite(values, OFFSETS)


def test_opposite_infinities_do_not_hide_each_other() -> None:
    values = torch.zeros(6, 1)
    values[3], values[4] = math.inf, -math.inf
    with pytest.raises(InvalidSequenceError, match=r"infinity \(inf\) in row 2, step 0, feature 0"):
        check_finite(values, OFFSETS)


def test_a_value_beyond_float32_is_told_from_infinity() -> None:
    values = torch.zeros(6, 1)
    values[4] = math.inf
    message = (
        "Every value must fit float32 (at most 3.4e38); got 1e+300 in row 2, step 1, feature 0. Rescale it."
    )
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        check_finite(values, OFFSETS, lambda row, step, feature: 1e300)
