"""Scaling of features to mean 0 and variance 1."""

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
        "feature": by mean and standard deviation over all real steps seen in `fit`. "sequence": by those of the sequence
        itself, which removes its level and amplitude; `fit` learns nothing.
    padding_value : float or None, default=0.0
        Padding value of padded arrays; see `seqclf.as_sequences`.

    Attributes
    ----------
    mean_, scale_ : torch.Tensor of shape (n_features,)
        Mean and standard deviation seen in `fit`. A constant feature is not divided.
    n_features_in_ : int
        Number of features.

    Raises
    ------
    ValueError
        If `per` is not one of those listed.
    seqclf.InvalidSequenceError
        If samples cannot be read as sequences, or do not have `n_features_in_` features.

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
