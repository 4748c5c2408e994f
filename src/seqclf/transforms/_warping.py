"""Smooth distortions of size and of time."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from numpy.typing import ArrayLike

from seqclf._checks import check_integer
from seqclf._random import as_generator
from seqclf.sequences import Sequences
from seqclf.transforms._curves import random_curves
from seqclf.transforms._protocol import check_strength
from seqclf.transforms._steps import at_places, owners


@dataclass(frozen=True, slots=True)
class MagnitudeWarp:
    """Multiply each sequence and feature by a smooth random curve around 1.

    Parameters
    ----------
    scale : float, default=0.2
        Standard deviation of the curve at its knots.
    knots : int, default=4
        Knots of the curve, spread evenly from the first step to the last; at least 2.

    Raises
    ------
    ValueError, TypeError
        If `scale` is negative or there are fewer than 2 knots.

    References
    ----------
    Um et al., Data augmentation of wearable sensor data for Parkinson's disease monitoring, ICMI 2017,
    doi:10.1145/3136755.3136817; there with a cubic spline through all knots, here with Catmull and Rom's.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.transforms import MagnitudeWarp
    >>> s = as_sequences([[1.0, 2.0], [3.0]])
    >>> MagnitudeWarp(0.2)(s).lengths
    tensor([2, 1])
    >>> MagnitudeWarp(0.0)(s) == s
    True
    """

    scale: float = 0.2
    knots: int = 4

    def __post_init__(self) -> None:
        check_strength("scale", self.scale)
        check_integer("knots", self.knots, least=2)

    def __call__(
        self, sequences: Sequences, generator: torch.Generator | None = None, labels: ArrayLike | None = None
    ) -> Sequences:
        """Return sequences of the same lengths."""
        source = as_generator(generator, sequences.device)
        curves = random_curves(sequences, sequences.n_features, self.knots, source)
        return sequences.with_values(sequences.values * (1.0 + self.scale * curves))


@dataclass(frozen=True, slots=True)
class TimeWarp:
    """Let time run faster here and slower there; first step, last step and length stay.

    Parameters
    ----------
    strength : float, default=0.2
        Standard deviation of the logarithm of the speed at the knots.
    knots : int, default=4
        Knots of the curve of speed, spread evenly from the first step to the last; at least 2.

    Raises
    ------
    ValueError, TypeError
        If `strength` is negative or there are fewer than 2 knots.

    Notes
    -----
    Values between two steps are interpolated linearly, which smooths a signal a little. The speed is positive, so that no
    step overtakes another.

    References
    ----------
    Um et al., Data augmentation of wearable sensor data for Parkinson's disease monitoring, ICMI 2017,
    doi:10.1145/3136755.3136817; there the speed itself is normal, and may become negative.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.transforms import TimeWarp
    >>> warped = TimeWarp(0.5)(as_sequences([[0.0, 1.0, 2.0, 3.0]]))[0].flatten()
    >>> float(warped[0]), float(warped[-1]), bool((warped.diff() > 0).all())
    (0.0, 3.0, True)
    """

    strength: float = 0.2
    knots: int = 4

    def __post_init__(self) -> None:
        check_strength("strength", self.strength)
        check_integer("knots", self.knots, least=2)

    def __call__(
        self, sequences: Sequences, generator: torch.Generator | None = None, labels: ArrayLike | None = None
    ) -> Sequences:
        """Return sequences of the same lengths."""
        source = as_generator(generator, sequences.device)
        speed = (self.strength * random_curves(sequences, 1, self.knots, source)[:, 0].double()).exp()
        owner, first = owners(sequences), sequences.offsets[:-1]
        elapsed = speed.cumsum(0)
        elapsed = elapsed - elapsed[first][owner]  # 0 at the first step of each sequence
        total = elapsed[sequences.offsets[1:] - 1]
        last = sequences.lengths - 1
        place = elapsed * last[owner] / torch.where(last > 0, total, 1.0)[owner]
        # Rounding must not lift the end above the last step, nor leave it short of it.
        place = place.minimum(last[owner]).scatter(0, sequences.offsets[1:] - 1, last.double())
        before = place.floor()
        share = (place - before).to(sequences.values.dtype)[:, None]
        left, right = (at_places(sequences, owner, before.long() + k) for k in (0, 1))
        return sequences.with_values(left + share * (right - left))
