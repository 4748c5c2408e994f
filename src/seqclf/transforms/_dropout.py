"""Random loss of steps."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from numpy.typing import ArrayLike

from seqclf._checks import check_number, convert_fields
from seqclf._random import as_generator
from seqclf.sequences import Sequences, Tokens
from seqclf.transforms._protocol import check_fraction


@dataclass(frozen=True, slots=True)
class Dropout:
    """Replace all features of random steps by a constant, and make their tokens unknown.

    Parameters
    ----------
    rate : float in [0, 1), default=0.05
        Probability that a step is lost.
    value : float, default=0.0
        Value of lost steps.

    Raises
    ------
    ValueError
        If `rate` is out of range.

    Notes
    -----
    A lost step is still a real step: lengths do not change, even if `value` equals the padding value.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.transforms import Dropout
    >>> changed = Dropout(0.5)(as_sequences([[1.0] * 100]))
    >>> changed.lengths, sorted(changed.values.unique().tolist())
    (tensor([100]), [0.0, 1.0])
    """

    rate: float = 0.05
    value: float = 0.0

    def __post_init__(self) -> None:
        convert_fields(self, rate=check_fraction, value=_check_value)

    def __call__(
        self, sequences: Sequences, generator: torch.Generator | None = None, labels: ArrayLike | None = None
    ) -> Sequences:
        """Return changed sequences of the same lengths."""
        values = sequences.values
        source = as_generator(generator, values.device)
        lost = values.new_empty(values.shape[0], 1).uniform_(generator=source) < self.rate
        changed = sequences.with_values(torch.where(lost, self.value, values))
        tokens = sequences.tokens
        if tokens is None:
            return changed
        return changed.with_tokens(Tokens.unchecked(tokens.codes * ~lost, tokens.vocabularies))


def _check_value(name: str, value: object) -> float:
    number = check_number(name, value)
    if not abs(number) <= torch.finfo(torch.float32).max:  # also of NaN
        raise ValueError(f"`{name}` must be finite and fit float32; got {value!r}. 0 is the default.")
    return number
