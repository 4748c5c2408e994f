"""Which values were observed, the others being NaN, and what was measured of them."""

from __future__ import annotations

import torch
from torch import Tensor

from seqclf.exceptions import InvalidSequenceError


def observed(values: Tensor) -> Tensor | None:
    """Return which values are not NaN, a mask of the same shape; None if all are."""
    missing = values.isnan()
    return ~missing if bool(missing.any()) else None


def first_observed(values: Tensor, offsets: Tensor, seen: Tensor) -> Tensor:
    """Return the first observed value of each segment and feature, any if there is none: (n_segments, n_features)."""
    n_rows = values.shape[0]
    rows = torch.arange(n_rows, device=values.device, dtype=torch.float64)[:, None]  # exact up to 2**53
    first = torch.segment_reduce(torch.where(seen, rows, float(n_rows)), "min", offsets=offsets, axis=0)
    found: Tensor = values.gather(0, first.long().clamp(max=n_rows - 1))
    return found


def check_measured(*statistics: Tensor) -> None:
    """Raise if a mean or a scale of finite values is not finite."""
    for statistic in statistics:
        if not torch.isfinite(statistic).all():
            raise InvalidSequenceError(
                f"Values must be small enough to be measured in float64; got {statistic.tolist()!r:.80}. Rescale the data."
            )


def check_observed(masses: Tensor) -> None:
    """Raise if a feature has no observed value; `masses` is the weight of those of each block, (n_blocks, n_features)."""
    never = masses.sum(dim=0) == 0
    if bool(never.any()):
        raise InvalidSequenceError(
            f"Every feature must have an observed value in `fit`; got NaN only in feature {int(never.nonzero()[0])}. "
            "Drop the feature."
        )
