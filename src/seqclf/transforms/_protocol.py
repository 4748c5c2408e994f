"""What every random change of sequences does."""

from __future__ import annotations

from typing import Protocol

import torch
from numpy.typing import ArrayLike

from seqclf._checks import check_number
from seqclf.sequences import Sequences


class Transform(Protocol):
    """What a random transform of your own must do: return real steps only, and draw from the generator it is given.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> def flip_sign(sequences, generator=None, labels=None):
    ...     return sequences.with_values(-sequences.values)
    >>> flip_sign(as_sequences([[1, 2]]))[0].flatten()
    tensor([-1., -2.])
    """

    def __call__(
        self, sequences: Sequences, generator: torch.Generator | None = None, labels: ArrayLike | None = None
    ) -> Sequences:
        """Return changed sequences in their order; draw from `as_generator(generator)` only.

        `labels` are those of the sequences, (n_sequences,), as they stand in `y`; None where they are not known.
        """
        ...


def check_strength(name: str, value: float, *, below: float = float("inf")) -> None:
    """Raise unless a strength is a number in [0, below)."""
    if not 0.0 <= check_number(name, value) < below:
        most = "finite" if below == float("inf") else f"below {below:g}"
        raise ValueError(f"`{name}` must be {most} and not negative; got {value!r}. 0 changes nothing.")
