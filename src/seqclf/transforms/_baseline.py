"""A slow wave added to the signal."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from numpy.typing import ArrayLike

from seqclf._checks import check_pair, convert_fields
from seqclf._random import as_generator
from seqclf.sequences import Sequences
from seqclf.transforms._protocol import check_strength
from seqclf.transforms._steps import positions, sequence_index


@dataclass(frozen=True, slots=True)
class BaselineWander:
    """Add a slow sine wave to each feature of each sequence, like respiration in an ECG.

    Parameters
    ----------
    scale : float, default=0.05
        Standard deviation of the amplitude, which is normal, in units of the features.
    period : tuple of two floats, default=(50.0, 500.0)
        Shortest and longest period, in steps; one is drawn per sequence, uniformly on a logarithmic scale.

    Raises
    ------
    ValueError
        If `scale` is negative or `period` is not an increasing pair of positive numbers.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.transforms import BaselineWander
    >>> s = as_sequences([[1.0, 2.0], [3.0]])
    >>> BaselineWander(0.1)(s).lengths
    tensor([2, 1])
    >>> BaselineWander(0.0)(s) == s
    True
    """

    scale: float = 0.05
    period: tuple[float, float] = (50.0, 500.0)

    def __post_init__(self) -> None:
        convert_fields(self, scale=check_strength, period=check_pair)
        shortest, longest = self.period
        if not 0.0 < shortest <= longest < math.inf:
            raise ValueError(
                "`period` must be the shortest and the longest period in steps, both positive and finite; "
                f"got {self.period!r}. (50, 500) is the default."
            )

    def __call__(
        self, sequences: Sequences, generator: torch.Generator | None = None, labels: ArrayLike | None = None
    ) -> Sequences:
        """Return changed sequences of the same lengths."""
        values, n = sequences.values, len(sequences)
        source = as_generator(generator, values.device)
        amplitude = self.scale * values.new_empty(n, sequences.n_features).normal_(generator=source)
        phase = 2 * math.pi * values.new_empty(n, sequences.n_features).uniform_(generator=source)
        low, high = (math.log(one) for one in self.period)
        period = (low + (high - low) * values.new_empty(n, 1).uniform_(generator=source)).exp()
        index = sequence_index(sequences)
        angle = (
            2 * math.pi * positions(sequences, index).to(values.dtype)[:, None] / period[index] + phase[index]
        )
        return sequences.with_values(values + amplitude[index] * angle.sin())
