"""The first value that is not finite is named."""

from __future__ import annotations

import math
import re

import pytest
import torch

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences, check_finite
from seqclf.sequences._finite import check_finite_steps

OFFSETS = torch.tensor([0, 2, 3, 6])


def sequences(values: torch.Tensor, static: torch.Tensor | None = None) -> Sequences:
    return Sequences(values, OFFSETS, static)


def test_finite_values_pass_even_if_their_sum_overflows() -> None:
    check_finite(sequences(torch.zeros(6, 2), torch.zeros(3, 1)))
    check_finite(sequences(torch.full((6, 2), 3e38)))
    check_finite(sequences(torch.tensor([[3e38, -3e38]] * 6)))


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
        check_finite(sequences(values))


def test_infinities_of_opposite_sign_do_not_cancel() -> None:
    values = torch.zeros(6, 1)
    values[3], values[4] = math.inf, -math.inf
    with pytest.raises(InvalidSequenceError, match=r"infinity \(inf\) in row 2, step 0, feature 0"):
        check_finite(sequences(values))


def test_static_features_are_checked_too() -> None:
    static = torch.zeros(3, 2, requires_grad=True).clone()
    static[1, 0] = math.nan
    with pytest.raises(InvalidSequenceError, match=r"`static` must hold finite .* got static\[1, 0\]=nan\."):
        check_finite(sequences(torch.zeros(6, 2), static))


def test_the_advice_ends_the_message() -> None:
    with pytest.raises(InvalidSequenceError, match=r"in row 0, step 0, feature 0\. Shrink it first\.$"):
        check_finite_steps(torch.full((6, 1), math.inf), OFFSETS, advice="Shrink it first.")
    cure = r'Impute it first\. `missing="indicator"` of an estimator, or `FillMissing` before it, fills in NaN\.$'
    with pytest.raises(InvalidSequenceError, match=cure):
        check_finite_steps(torch.full((6, 1), math.nan), OFFSETS, advice="Impute it first.")


def test_nan_passes_only_if_it_is_asked_for_and_infinity_never() -> None:
    holes = sequences(torch.tensor([[1.0, math.nan]] * 6))
    check_finite(holes, missing="keep")
    with pytest.raises(InvalidSequenceError, match="got NaN in row 0, step 0, feature 1"):
        check_finite(holes)
    infinite = holes.with_values(torch.cat([holes.values[:4], torch.tensor([[math.inf, 0.0]] * 2)]))
    with pytest.raises(InvalidSequenceError, match=r"got infinity \(inf\) in row 2, step 1, feature 0"):
        check_finite(infinite, missing="keep")
    with pytest.raises(InvalidSequenceError, match="`static` must hold finite"):
        check_finite(sequences(torch.zeros(6, 1), torch.full((3, 1), math.nan)), missing="keep")
