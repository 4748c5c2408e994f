"""Random end of a sequence, as if the rest had not been observed yet."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral

import torch
from numpy.typing import ArrayLike

from seqclf._checks import check_integer, check_number, convert_fields
from seqclf._random import as_generator
from seqclf.sequences import Sequences


@dataclass(frozen=True, slots=True)
class RandomPrefix:
    """Keep a random number of first steps of each sequence.

    A model that was trained on whole sequences has never seen a prefix. Training on prefixes prepares it for predictions before a
    sequence ends.

    Parameters
    ----------
    shortest : float in (0, 1] or int, default=0.2
        Fewest steps kept: a float is a share of the length of each sequence, rounded up; an integer is a number of steps. All
        lengths from it to the whole sequence are equally likely.

    Raises
    ------
    ValueError, TypeError
        If `shortest` is neither a share in (0, 1] nor a positive integer.

    See Also
    --------
    RandomApply : Cuts only some sequences: `augmentation="prefix"` cuts half of them, so that a model still learns from whole ones.
    seqclf.evaluation.earliness : Measures how well a model predicts from prefixes.

    Notes
    -----
    An estimator scales sequences before it augments them. A scale that measures each sequence, such as "sequence" or "views", would
    measure the whole one and reveal the steps that were cut off, so `fit` raises an error. Use `scale="standard"`, which "auto"
    chooses with this transform.

    If the start of a sequence does not reveal its class, the label of a short prefix is noise; a larger `shortest` avoids it. The
    default was better than 0.05 on heartbeats: macro F1 0.73 instead of 0.62 after 30 % of a beat (`results/early/choice.md`).

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.transforms import RandomPrefix
    >>> prefix = RandomPrefix(0.3)(as_sequences([list(range(10))]))[0].flatten()
    >>> 3 <= len(prefix) <= 10, prefix.tolist() == list(range(len(prefix)))
    (True, True)
    """

    shortest: float | int = 0.2

    def __post_init__(self) -> None:
        convert_fields(self, shortest=_check_shortest)

    def __call__(
        self, sequences: Sequences, generator: torch.Generator | None = None, labels: ArrayLike | None = None
    ) -> Sequences:
        """Return sequences of the same or smaller lengths, at least one step each."""
        lengths = sequences.lengths
        least = self._least(lengths)
        uniform = torch.rand(
            len(sequences),
            dtype=torch.float64,
            device=sequences.device,
            generator=as_generator(generator, sequences.device),
        )
        return sequences.prefixes(least + (uniform * (lengths - least + 1)).long())

    def _least(self, lengths: torch.Tensor) -> torch.Tensor:
        if isinstance(self.shortest, int):
            return lengths.clamp(max=self.shortest)
        # Rounding must not turn 0.07 of 100 steps, which is 7.000000000000001 in float64, into 8.
        return (lengths.double() * self.shortest - 1e-9).ceil().long().clamp(min=1)


def _check_shortest(name: str, value: object) -> float | int:
    """Return a number of steps as an int, or a share in (0, 1] as a float."""
    if not isinstance(value, bool) and isinstance(value, Integral):
        return check_integer(name, value)
    share = check_number(name, value)
    if not 0.0 < share <= 1.0:
        raise ValueError(
            f"`{name}` must be a share in (0, 1] or a positive number of steps as an integer; got {value!r}. 1.0 changes nothing."
        )
    return share
