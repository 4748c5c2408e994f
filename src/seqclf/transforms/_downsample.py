"""Fewer steps per sequence: one for each window of consecutive steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from seqclf._checks import check_choice, check_integer
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences
from seqclf.transforms._transformer import SequenceTransformer

Aggregation = Literal["mean", "min", "max", "first", "last"]
AGGREGATIONS = ("mean", "min", "max", "first", "last")


@dataclass(kw_only=True, eq=False, repr=False)
class Downsample(SequenceTransformer):
    """Replace each window of consecutive steps by one step.

    Parameters
    ----------
    factor : int, default=1
        Number of steps in a window.
    max_length : int or None, default=None
        Most steps that a sequence may have afterwards: a sequence that would be longer gets the smallest windows that suffice,
        so that sequences may have different factors.
    aggregation : {"mean", "min", "max", "first", "last"}, default="mean"
        What a window becomes: the mean, minimum or maximum of each feature, or its first or last step.
    padding_value : float or None, default=0.0
        Padding value of padded arrays; see `seqclf.as_sequences`.

    Attributes
    ----------
    n_features_in_ : int
        Number of features per step.
    feature_names_in_ : ndarray of shape (n_columns,)
        Column names of a data frame, or of the frames of a list, if all are strings. Those of later input must be
        the same, in the same order.

    Raises
    ------
    ValueError, TypeError
        If a parameter is out of range, or both `factor` is 1 and `max_length` is None, which would change nothing.
    seqclf.InvalidSequenceError
        If samples cannot be read as sequences, or do not have `n_features_in_` features.

    See Also
    --------
    seqclf.nn.ConvolutionalStem : Reduces the steps inside of the network, with learned weights.

    Notes
    -----
    A sequence of n steps has ceil(n / f) afterwards, where f is `factor` or, if that is more, ceil(n / `max_length`). The last window
    holds what is left: it is aggregated over its real steps only. Windows never span two sequences.

    What is lost: everything faster than a window, and for "first" and "last" all steps but one; anything above half the new
    rate then appears as a slower signal (aliasing), which "mean" only weakens. With `max_length`, a step stands for more time in
    a long sequence than in a short one: keep the length or times as a feature if they matter. Static features are kept, and `fit`
    learns nothing from values.

    Examples
    --------
    >>> from seqclf.transforms import Downsample
    >>> X = [[1.0, 3.0, 5.0, 7.0, 9.0], [2.0]]
    >>> Downsample(factor=2).fit_transform(X).values.flatten().tolist()
    [2.0, 6.0, 9.0, 2.0]
    >>> Downsample(max_length=3, aggregation="first").fit_transform(X).values.flatten().tolist()
    [1.0, 5.0, 9.0, 2.0]
    """

    factor: int = 1
    max_length: int | None = None
    aggregation: Aggregation = "mean"

    def _check_parameters(self) -> None:
        self._sizes()
        check_choice("aggregation", self.aggregation, AGGREGATIONS)

    def _sizes(self) -> tuple[int, int | None]:
        """Return `factor` and `max_length`; raise unless one of them changes something."""
        factor = check_integer("factor", self.factor)
        if self.max_length is not None:
            return factor, check_integer("max_length", self.max_length)
        if factor == 1:
            raise ValueError(
                "`factor` or `max_length` must be given: factor=1 keeps every step. Pass, for example, `factor=4` or "
                "`max_length=500`."
            )
        return factor, None

    def _apply(self, sequences: Sequences) -> Sequences:
        starts, offsets = self._windows(sequences)
        values, tokens = sequences.values, sequences.tokens
        if self.aggregation in ("first", "last"):
            steps = starts[:-1] if self.aggregation == "first" else starts[1:] - 1
            return Sequences.unchecked(
                values[steps], offsets, sequences.static, None if tokens is None else tokens.at(steps)
            )
        if tokens is not None:
            raise InvalidSequenceError(
                f"Sequences with tokens must be downsampled by aggregation='first' or 'last'; got {self.aggregation!r}, which "
                "categories do not have."
            )
        wide = torch.segment_reduce(values.double(), self.aggregation, offsets=starts, axis=0)
        return Sequences.unchecked(wide.to(values.dtype), offsets, sequences.static)

    def _windows(self, sequences: Sequences) -> tuple[Tensor, Tensor]:
        """Return where each window starts, (n_windows + 1,), and the offsets of the sequences of windows."""
        (factor, most), lengths = self._sizes(), sequences.lengths
        factors = torch.full_like(lengths, factor)
        if most is not None:
            factors = factors.maximum(_ceil(lengths, most))
        counts = _ceil(lengths, factors)
        offsets = torch.nn.functional.pad(counts.cumsum(0), (1, 0))
        index = torch.arange(len(sequences), device=sequences.device).repeat_interleave(counts)
        window = torch.arange(index.shape[0], device=sequences.device) - offsets[index]
        starts = sequences.offsets[index] + window * factors[index]
        return torch.cat([starts, sequences.offsets[-1:]]), offsets


def _ceil(lengths: Tensor, divisor: Tensor | int) -> Tensor:
    """Return lengths / divisor, rounded up, without the rounding errors of floats."""
    return (lengths + divisor - 1) // divisor
