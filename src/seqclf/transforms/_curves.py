"""Smooth random curves, one for each sequence."""

from __future__ import annotations

import torch
from torch import Tensor

from seqclf.sequences import Sequences
from seqclf.transforms._steps import owners, places


def random_curves(sequences: Sequences, n_curves: int, knots: int, generator: torch.Generator) -> Tensor:
    """Return standard normal knots, joined smoothly, at each step: (n_steps, n_curves).

    The knots are spread over each sequence's own steps, the first on its first and the last on its last. Catmull and Rom's
    spline goes through them: cubic, as that of Um et al., but each piece follows from its four nearest knots alone, so
    that there is nothing to solve for.
    """
    owner = owners(sequences)
    values = sequences.values.new_empty(len(sequences), knots, n_curves).normal_(generator=generator)
    last = (sequences.lengths - 1).clamp(min=1)[owner]
    at = places(sequences, owner) / last * (knots - 1)  # in [0, knots - 1]
    piece = at.floor().long()
    t = (at - piece)[:, None]
    p0, p1, p2, p3 = (values[owner, (piece + k).clamp(0, knots - 1)] for k in (-1, 0, 1, 2))
    curve: Tensor = p1 + 0.5 * t * (
        (p2 - p0) + t * ((2 * p0 - 5 * p1 + 4 * p2 - p3) + t * (3 * (p1 - p2) + p3 - p0))
    )
    return curve
