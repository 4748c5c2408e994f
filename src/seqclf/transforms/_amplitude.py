"""Random noise and random factors."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from numpy.typing import ArrayLike

from seqclf._checks import convert_fields
from seqclf._random import as_generator
from seqclf.sequences import Sequences
from seqclf.transforms._protocol import check_strength
from seqclf.transforms._steps import sequence_index


@dataclass(frozen=True, slots=True)
class Jitter:
    """Add white Gaussian noise to every step.

    Parameters
    ----------
    scale : float, default=0.02
        Standard deviation of the noise, in units of the features.

    Raises
    ------
    ValueError
        If `scale` is negative.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.transforms import Jitter
    >>> s = as_sequences([[1.0, 2.0], [3.0]])
    >>> Jitter(0.1)(s).lengths
    tensor([2, 1])
    >>> Jitter(0.0)(s) == s
    True
    """

    scale: float = 0.02

    def __post_init__(self) -> None:
        convert_fields(self, scale=check_strength)

    def __call__(
        self, sequences: Sequences, generator: torch.Generator | None = None, labels: ArrayLike | None = None
    ) -> Sequences:
        """Return changed sequences of the same lengths."""
        values = sequences.values
        noise = torch.empty_like(values).normal_(generator=as_generator(generator, values.device))
        return sequences.with_values(values + self.scale * noise)


@dataclass(frozen=True, slots=True)
class Scale:
    """Multiply each feature of each sequence by a random factor.

    Parameters
    ----------
    scale : float, default=0.1
        Standard deviation of the factors, which are normal with mean 1.

    Raises
    ------
    ValueError
        If `scale` is negative.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.transforms import Scale
    >>> changed = Scale(0.1)(as_sequences([[1.0, 2.0], [3.0]]))
    >>> bool((changed[0][1] / changed[0][0]).isclose(torch.tensor(2.0)))
    True
    """

    scale: float = 0.1

    def __post_init__(self) -> None:
        convert_fields(self, scale=check_strength)

    def __call__(
        self, sequences: Sequences, generator: torch.Generator | None = None, labels: ArrayLike | None = None
    ) -> Sequences:
        """Return changed sequences of the same lengths."""
        values = sequences.values
        source = as_generator(generator, values.device)
        factors = values.new_empty(len(sequences), sequences.n_features).normal_(generator=source)
        return sequences.with_values(values * (1.0 + self.scale * factors)[sequence_index(sequences)])
