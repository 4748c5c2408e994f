"""Scaling of features to mean 0 and variance 1."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from seqclf._checks import check_boolean
from seqclf.sequences import Sequences
from seqclf.transforms._observed import first_observed, observed
from seqclf.transforms._scaler import Scaler


@dataclass(kw_only=True, eq=False, repr=False)
class ZScore(Scaler):
    """Subtract the mean of each feature and divide by its standard deviation.

    Parameters
    ----------
    per : {"feature", "sequence"}, default="feature"
        "feature": by mean and standard deviation over all real steps seen in `fit`. "sequence": by those of the sequence
        itself, which removes its level and amplitude.
    append_statistics : bool, default=False
        For `per="sequence"`: whether level, amplitude and length are kept as static features of each sequence: the mean and the
        logarithm of the standard deviation of each feature, then the logarithm of the length.
    missing : {"error", "keep"}, default="error"
        "keep": missing values (NaN) are not measured and stay NaN, for `FillMissing` after it. A sequence that has no value of a
        feature gets the mean statistics of that feature.
    padding_value : float or None, default=0.0
        Padding value of padded arrays; see `seqclf.as_sequences`.

    Attributes
    ----------
    mean_, scale_ : torch.Tensor of shape (n_features,), float64
        Mean and standard deviation seen in `fit`. A constant feature is not divided.
    n_features_in_ : int
        Number of features per step.
    feature_names_in_ : ndarray of shape (n_columns,)
        Column names of a data frame, or of the frames of a list, if all are strings. Those of later input must be
        the same, in the same order.

    Raises
    ------
    ValueError
        If `per` is not one of those listed, or `append_statistics` is set for `per="feature"`.
    seqclf.InvalidSequenceError
        If samples cannot be read as sequences, or do not have `n_features_in_` features.

    Notes
    -----
    Values are read and scaled in float64, and rounded to float32 afterwards. Static features are scaled to mean 0 and
    variance 1 over the sequences seen in `fit`.

    Examples
    --------
    >>> from seqclf import ZScore
    >>> ZScore().fit_transform([[1.0, 2.0], [3.0]]).values.flatten()
    tensor([-1.2247,  0.0000,  1.2247])
    >>> ZScore(per="sequence").fit_transform([[1.0, 2.0], [3.0]]).values.flatten()
    tensor([-1.,  1.,  0.])
    """

    append_statistics: bool = False

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if check_boolean("append_statistics", self.append_statistics) and self.per == "feature":
            raise ValueError(
                '`append_statistics` keeps what scaling each sequence removes, and needs per="sequence"; got '
                f'per={self.per!r}. Set per="sequence", or leave it out.'
            )

    def _measure(
        self, values: Tensor, offsets: Tensor, weights: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        lengths = offsets.diff()
        # Relative to its first value, a constant is exactly 0; its mean could differ from it by a rounding error.
        seen = observed(values)
        first = values[offsets[:-1]] if seen is None else first_observed(values, offsets, seen)
        shifted = values - first.repeat_interleave(lengths, dim=0)
        mean = _segment_mean(shifted, offsets, weights, seen)
        centred = shifted - mean.repeat_interleave(lengths, dim=0)
        return first + mean, _segment_mean(centred.square(), offsets, weights, seen).sqrt()

    def _merged(self, centres: Tensor, scales: Tensor, masses: Tensor) -> tuple[Tensor, Tensor]:
        shares = masses / masses.sum(dim=0)
        seen = masses > 0
        # Relative to one of them, equal means are exactly 0.
        first = centres.gather(0, seen.long().argmax(dim=0)[None])
        shifted = torch.where(seen, centres - first, 0.0)
        mean = (shares * shifted).sum(dim=0)
        squares = torch.where(seen, scales, 0.0).square() + (shifted - mean).square()
        return first[0] + mean, (shares * squares).sum(dim=0).sqrt()

    def _remember(self, centre: Tensor, scale: Tensor) -> None:
        self.mean_: Tensor = centre
        self.scale_: Tensor = scale

    def _remembered(self) -> tuple[Tensor, Tensor]:
        return self.mean_, self.scale_

    def _static_features(self, sequences: Sequences) -> Tensor | None:
        if not self.append_statistics:
            return sequences.static
        mean, deviation = self._measure(sequences.values.double(), sequences.offsets)
        # The deviation of a constant sequence has no logarithm.
        floor = 1e-3 * self.scale_.to(deviation.device)
        logarithm = (deviation + torch.where(floor > 0, floor, torch.ones_like(floor))).log()
        kept = [] if sequences.static is None else [sequences.static.double()]
        return torch.cat([*kept, mean, logarithm, sequences.lengths.double().log()[:, None]], dim=1)


def _segment_mean(rows: Tensor, offsets: Tensor, weights: Tensor | None, seen: Tensor | None) -> Tensor:
    """Return the weighted mean of the rows of each segment; with `seen`, of the observed values only."""
    if seen is not None:
        rows = torch.where(seen, rows, 0.0)
        weights = seen.double() if weights is None else weights * seen
    if weights is None:
        return torch.segment_reduce(rows, "mean", offsets=offsets, axis=0)
    total = torch.segment_reduce(rows * weights, "sum", offsets=offsets, axis=0)
    return total / torch.segment_reduce(weights, "sum", offsets=offsets, axis=0)
