"""Every real step is a finite float32."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from seqclf.exceptions import InvalidSequenceError


def check_finite(
    values: Tensor, offsets: Tensor, original: Callable[[int, int, int], Any] | None = None, *, hint: str = ""
) -> None:
    """Raise if a step is not finite, naming row, step and feature.

    `original(row, step, feature)` is the value before it became float32: it tells infinity from overflow.
    """
    # A sum is much faster than looking at each value, and finite only if all of them are.
    if math.isfinite(values.detach().sum(dtype=torch.float32).item()):
        return
    wrong = ~torch.isfinite(values.detach())
    if not bool(wrong.any()):
        return
    position, feature = wrong.nonzero()[0].tolist()
    row = int(torch.searchsorted(offsets, position, right=True)) - 1
    step = position - int(offsets[row])
    got = float(values[position, feature])
    where = f"in row {row}, step {step}, feature {feature}"
    before = got if original is None else original(row, step, feature)
    if not math.isnan(got) and before not in (math.inf, -math.inf):
        raise InvalidSequenceError(
            f"Every value must fit float32 (at most 3.4e38); got {before} {where}. Rescale it."
        )
    name = "NaN" if math.isnan(got) else f"infinity ({got})"
    advice = hint or "Fill in or drop such values first."
    raise InvalidSequenceError(f"Every real step must be finite; got {name} {where}. {advice}")
