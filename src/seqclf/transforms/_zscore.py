"""Features of mean 0 and variance 1."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from seqclf.transforms._scaler import Scaler


@dataclass(kw_only=True, eq=False, repr=False)
class ZScore(Scaler):
    """Subtract the mean of each feature and divide by its standard deviation.

    Parameters
    ----------
    per : {"feature", "sequence"}, default="feature"
        "feature": mean and deviation of all real steps that `fit` saw. "sequence": those of each sequence itself, so
        that its level and amplitude are lost; nothing is learned.
    padding_value : float or None, default=0.0
        What padded arrays are padded with; see `seqclf.as_sequences`.

    Attributes
    ----------
    mean_, scale_ : torch.Tensor of shape (n_features,)
        What "feature" subtracts and divides by; a deviation of 0 divides by 1.
    n_features_in_ : int
        Values at each step.

    Raises
    ------
    ValueError
        If `per` is not one of the two.
    seqclf.InvalidSequenceError
        If samples are no sequences, or have other features than `fit` saw.

    Examples
    --------
    >>> from seqclf import ZScore
    >>> ZScore().fit_transform([[1.0, 2.0], [3.0]]).values.flatten()
    tensor([-1.2247,  0.0000,  1.2247])
    >>> ZScore(per="sequence").fit_transform([[1.0, 2.0], [3.0]]).values.flatten()
    tensor([-1.,  1.,  0.])
    """

    def _measure(self, values: Tensor, offsets: Tensor) -> tuple[Tensor, Tensor]:
        mean = torch.segment_reduce(values, "mean", offsets=offsets, axis=0)
        centred = values - mean.repeat_interleave(offsets.diff(), dim=0)
        return mean, torch.segment_reduce(centred.square(), "mean", offsets=offsets, axis=0).sqrt()

    def _remember(self, centre: Tensor, scale: Tensor) -> None:
        self.mean_, self.scale_ = centre, scale

    def _remembered(self) -> tuple[Tensor, Tensor]:
        return self.mean_, self.scale_
