"""Smooth random curves over each sequence."""

from __future__ import annotations

import torch
from torch import Tensor

from seqclf.sequences import Sequences
from seqclf.transforms._steps import positions, sequence_index


def random_curves(sequences: Sequences, n_curves: int, knots: int, generator: torch.Generator) -> Tensor:
    """Return smooth curves through standard normal knots, evaluated at each step: (n_steps, n_curves).

    The knots are evenly spaced over each sequence, the first at its first step and the last at its last. They are
    interpolated by a Catmull-Rom spline: cubic like the spline of Um et al., but each piece depends on the four nearest
    knots only, so no linear system has to be solved.
    """
    index = sequence_index(sequences)
    values = sequences.values.new_empty(len(sequences), knots, n_curves).normal_(generator=generator)
    last = (sequences.lengths - 1).clamp(min=1)[index].to(values.dtype)
    position = positions(sequences, index).to(values.dtype) / last * (knots - 1)  # in [0, knots - 1]
    piece = position.floor().long()
    t = (position - piece)[:, None]
    p0, p1, p2, p3 = (values[index, (piece + k).clamp(0, knots - 1)] for k in (-1, 0, 1, 2))
    curve: Tensor = p1 + 0.5 * t * (
        (p2 - p0) + t * ((2 * p0 - 5 * p1 + 4 * p2 - p3) + t * (3 * (p1 - p2) + p3 - p0))
    )
    return curve
