"""Smooth random distortions of amplitude and time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from numpy.typing import ArrayLike

from seqclf._checks import check_integer, convert_fields
from seqclf._random import as_generator
from seqclf.sequences import Sequences
from seqclf.transforms._curves import random_curves
from seqclf.transforms._protocol import check_strength
from seqclf.transforms._steps import sequence_index, tokens_at, values_at


@dataclass(frozen=True, slots=True)
class MagnitudeWarp:
    """Multiply each feature of each sequence by a smooth random curve around 1.

    Parameters
    ----------
    scale : float, default=0.2
        Standard deviation of the curve at its knots.
    knots : int, default=4
        Number of knots of the curve, evenly spaced from the first step to the last; at least 2.

    Raises
    ------
    ValueError, TypeError
        If `scale` is negative or there are fewer than 2 knots.

    References
    ----------
    Um et al., Data augmentation of wearable sensor data for Parkinson's disease monitoring, ICMI 2017,
    doi:10.1145/3136755.3136817; there with a cubic spline through all knots, here with a Catmull-Rom spline.

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
        convert_fields(self, scale=check_strength, knots=partial(check_integer, least=2))

    def __call__(
        self, sequences: Sequences, generator: torch.Generator | None = None, labels: ArrayLike | None = None
    ) -> Sequences:
        """Return changed sequences of the same lengths."""
        source = as_generator(generator, sequences.device)
        curves = random_curves(sequences, sequences.n_features, self.knots, source)
        return sequences.with_values(sequences.values * (1.0 + self.scale * curves))


@dataclass(frozen=True, slots=True)
class TimeWarp:
    """Speed up and slow down time smoothly; the first step, the last step and the length stay the same.

    Parameters
    ----------
    strength : float, default=0.2
        Standard deviation of the log speed at its knots.
    knots : int, default=4
        Number of knots of the log speed, evenly spaced from the first step to the last; at least 2.

    Raises
    ------
    ValueError, TypeError
        If `strength` is negative or there are fewer than 2 knots.

    Notes
    -----
    Values between two steps are interpolated linearly, which smooths the signal slightly; tokens are those of the nearest step. The speed is positive, so the order
    of the steps is kept.

    References
    ----------
    Um et al., Data augmentation of wearable sensor data for Parkinson's disease monitoring, ICMI 2017,
    doi:10.1145/3136755.3136817; there the speed itself is normal and may become negative.

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
        convert_fields(self, strength=check_strength, knots=partial(check_integer, least=2))

    def __call__(
        self, sequences: Sequences, generator: torch.Generator | None = None, labels: ArrayLike | None = None
    ) -> Sequences:
        """Return changed sequences of the same lengths."""
        source = as_generator(generator, sequences.device)
        speed = (self.strength * random_curves(sequences, 1, self.knots, source)[:, 0].double()).exp()
        index, first = sequence_index(sequences), sequences.offsets[:-1]
        elapsed = speed.cumsum(0)
        elapsed = elapsed - elapsed[first][index]  # 0 at the first step of each sequence
        total = elapsed[sequences.offsets[1:] - 1]
        last = sequences.lengths - 1
        position = elapsed * last[index] / torch.where(last > 0, total, 1.0)[index]
        # Whatever the rounding, the warped end is exactly the last step.
        position = position.minimum(last[index]).scatter(0, sequences.offsets[1:] - 1, last.double())
        before = position.floor()
        fraction = (position - before).to(sequences.values.dtype)[:, None]
        left, right = (values_at(sequences, index, before.long() + k) for k in (0, 1))
        warped = sequences.with_values(left + fraction * (right - left))
        return warped.with_tokens(tokens_at(sequences, index, position.round().long()))
