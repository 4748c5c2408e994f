"""Random changes of ragged sequences that keep every length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from seqclf.sequences._container import Sequences
from seqclf.sequences._randomness import as_generator


class Transform(Protocol):
    """What a random transform of your own must do: keep the lengths, and draw from the generator it is given.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> def flip_sign(sequences, generator=None):
    ...     return sequences.with_values(-sequences.values)
    >>> flip_sign(as_sequences([[1, 2]]))[0].flatten()
    tensor([-1., -2.])
    """

    def __call__(self, sequences: Sequences, generator: torch.Generator | None = None) -> Sequences:
        """Return changed sequences; draw from `as_generator(generator)` only."""
        ...


@dataclass(frozen=True, slots=True)
class Jitter:
    """Add white noise to every real step.

    Parameters
    ----------
    scale : float, default=0.02
        Standard deviation of the noise, in units of the features.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.sequences import Jitter
    >>> s = as_sequences([[1.0, 2.0], [3.0]])
    >>> Jitter(0.1)(s).lengths
    tensor([2, 1])
    >>> Jitter(0.0)(s) == s
    True
    """

    scale: float = 0.02

    def __post_init__(self) -> None:
        _check_scale(self.scale)

    def __call__(self, sequences: Sequences, generator: torch.Generator | None = None) -> Sequences:
        """Return sequences of the same lengths."""
        values = sequences.values
        noise = torch.empty_like(values).normal_(generator=as_generator(generator, values.device))
        return sequences.with_values(values + self.scale * noise)


@dataclass(frozen=True, slots=True)
class Scale:
    """Multiply each sequence and feature by a factor of its own.

    Parameters
    ----------
    scale : float, default=0.1
        Standard deviation of the factors, whose mean is 1.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.sequences import Scale
    >>> changed = Scale(0.1)(as_sequences([[1.0, 2.0], [3.0]]))
    >>> bool((changed[0][1] / changed[0][0]).isclose(torch.tensor(2.0)))
    True
    """

    scale: float = 0.1

    def __post_init__(self) -> None:
        _check_scale(self.scale)

    def __call__(self, sequences: Sequences, generator: torch.Generator | None = None) -> Sequences:
        """Return sequences of the same lengths."""
        values = sequences.values
        source = as_generator(generator, values.device)
        factors = values.new_empty(len(sequences), sequences.n_features).normal_(generator=source)
        factors = (1.0 + self.scale * factors).repeat_interleave(
            sequences.lengths, dim=0
        )  # (n_steps, n_features)
        return sequences.with_values(values * factors)


@dataclass(frozen=True, slots=True)
class Compose:
    """Apply transforms one after another.

    Parameters
    ----------
    transforms : sequence of Transform
        The first is applied first.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.sequences import Compose, Jitter, Scale
    >>> Compose([Scale(0.1), Jitter(0.02)])(as_sequences([[1.0, 2.0]])).lengths
    tensor([2])
    """

    transforms: Sequence[Transform]

    def __call__(self, sequences: Sequences, generator: torch.Generator | None = None) -> Sequences:
        """Return sequences that went through all transforms."""
        for transform in self.transforms:
            sequences = transform(sequences, generator)
        return sequences


def _check_scale(scale: float) -> None:
    if not scale >= 0:
        raise ValueError(f"`scale` must not be negative; got {scale!r}. 0 changes nothing.")
