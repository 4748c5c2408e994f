"""Random start and end of a sequence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from numpy.typing import ArrayLike

from seqclf._checks import check_integer, convert_fields
from seqclf._random import as_generator
from seqclf.sequences import Sequences
from seqclf.transforms._protocol import check_fraction
from seqclf.transforms._steps import positions, sequence_index, steps_at


@dataclass(frozen=True, slots=True)
class Shift:
    """Shift each sequence in time, repeating its first or last value at the open end.

    Parameters
    ----------
    max_steps : int, default=5
        Largest shift in either direction; all shifts up to it are equally likely.

    Raises
    ------
    ValueError, TypeError
        If `max_steps` is negative or not an integer.

    Examples
    --------
    >>> import torch
    >>> from seqclf import as_sequences
    >>> from seqclf.transforms import Shift
    >>> s = as_sequences([[1.0, 2.0, 3.0]])
    >>> Shift(1)(s, torch.Generator().manual_seed(2))[0].flatten()
    tensor([2., 3., 3.])
    """

    max_steps: int = 5

    def __post_init__(self) -> None:
        convert_fields(self, max_steps=partial(check_integer, least=0))

    def __call__(
        self, sequences: Sequences, generator: torch.Generator | None = None, labels: ArrayLike | None = None
    ) -> Sequences:
        """Return changed sequences of the same lengths."""
        source = as_generator(generator, sequences.device)
        steps = torch.randint(
            -self.max_steps,
            self.max_steps + 1,
            (len(sequences),),
            generator=source,
            device=sequences.device,
        )
        index = sequence_index(sequences)
        return steps_at(sequences, index, positions(sequences, index) - steps[index])


@dataclass(frozen=True, slots=True)
class Crop:
    """Keep a random contiguous section of each sequence.

    Parameters
    ----------
    strength : float in [0, 1), default=0.1
        Largest fraction of steps removed, at both ends together; at least one step is kept. All numbers of removed steps up
        to it are equally likely, and so are all positions of the section.

    Raises
    ------
    ValueError
        If `strength` is out of range.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.transforms import Crop
    >>> cropped = Crop(0.5)(as_sequences([list(range(10))]))[0].flatten()
    >>> 5 <= len(cropped) <= 10, bool((cropped.diff() == 1).all())
    (True, True)
    """

    strength: float = 0.1

    def __post_init__(self) -> None:
        convert_fields(self, strength=check_fraction)

    def __call__(
        self, sequences: Sequences, generator: torch.Generator | None = None, labels: ArrayLike | None = None
    ) -> Sequences:
        """Return sequences of the same or smaller lengths, at least one step each."""
        lengths = sequences.lengths
        source = as_generator(generator, sequences.device)
        uniform = torch.rand(
            2, len(sequences), dtype=torch.float64, device=sequences.device, generator=source
        )
        most = (lengths * self.strength).long().minimum(lengths - 1)
        lost = (uniform[0] * (most + 1)).long()
        before = (uniform[1] * (lost + 1)).long()
        kept = lengths - lost
        offsets = torch.nn.functional.pad(kept.cumsum(0), (1, 0))
        shift = (sequences.offsets[:-1] + before - offsets[:-1]).repeat_interleave(kept)
        steps = shift + torch.arange(shift.shape[0], device=sequences.device)
        tokens = None if sequences.tokens is None else sequences.tokens.at(steps)
        return Sequences.unchecked(sequences.values[steps], offsets, sequences.static, tokens)
