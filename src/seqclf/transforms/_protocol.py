"""The interface of random transforms."""

from __future__ import annotations

from typing import Protocol

import torch
from numpy.typing import ArrayLike

from seqclf._checks import check_not_negative, check_number
from seqclf.sequences import Sequences


class Transform(Protocol):
    """Interface of a random transform, for custom ones.

    A transform maps sequences to as many sequences in the same order, keeps their static features and the tokens of their steps, and draws random numbers
    from the given generator only.

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
        """Return the changed sequences; draw from `as_generator(generator)` only.

        `labels` are the labels of the sequences as in `y`, (n_sequences,), or None if unknown.
        """
        ...


def check_strength(name: str, value: object) -> float:
    """Return a number in [0, inf) whose products with features fit float32."""
    number = check_not_negative(name, value, "0 changes nothing.")
    if number > 1e18:
        raise ValueError(
            f"`{name}` must be at most 1e18; got {value!r}. Values would leave the range of float32."
        )
    return number


def check_fraction(name: str, value: object) -> float:
    """Return a number in [0, 1)."""
    number = check_number(name, value)
    if not 0.0 <= number < 1.0:
        raise ValueError(f"`{name}` must be below 1 and not negative; got {value!r}. 0 changes nothing.")
    return number
