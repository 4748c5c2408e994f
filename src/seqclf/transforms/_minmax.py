"""Scaling of features to a range."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from seqclf._checks import check_pair
from seqclf.sequences import Sequences
from seqclf.transforms._observed import observed
from seqclf.transforms._scaler import Scaler


@dataclass(kw_only=True, eq=False, repr=False)
class MinMax(Scaler):
    """Scale each feature linearly to a given range.

    Parameters
    ----------
    per : {"feature", "sequence"}, default="feature"
        "feature": by the extremes over all real steps seen in `fit`; new samples may lie outside the range. "sequence": by
        the extremes of the sequence itself, which removes its level and amplitude; `fit` learns nothing.
    feature_range : tuple of two floats, default=(0.0, 1.0)
        Minimum and maximum after scaling.
    missing : {"error", "keep"}, default="error"
        "keep": missing values (NaN) are not measured and stay NaN, for `FillMissing` after it.
    padding_value : float or None, default=0.0
        Padding value of padded arrays; see `seqclf.as_sequences`.

    Attributes
    ----------
    data_min_, data_range_ : torch.Tensor of shape (n_features,), float64
        Minimum seen in `fit`, and maximum minus minimum. A constant feature becomes the minimum of `feature_range`.
    n_features_in_ : int
        Number of features per step.
    feature_names_in_ : ndarray of shape (n_columns,)
        Column names of a data frame, or of the frames of a list, if all are strings. Those of later input must be
        the same, in the same order.

    Raises
    ------
    ValueError
        If `per` is not one of those listed, or `feature_range` is not increasing.
    seqclf.InvalidSequenceError
        If samples cannot be read as sequences, or do not have `n_features_in_` features.

    Examples
    --------
    >>> from seqclf import MinMax
    >>> MinMax().fit_transform([[1.0, 2.0], [5.0]]).values.flatten()
    tensor([0.0000, 0.2500, 1.0000])
    >>> MinMax(per="sequence", feature_range=(-1, 1)).fit_transform([[1.0, 2.0], [5.0]]).values.flatten()
    tensor([-1.,  1., -1.])
    """

    feature_range: tuple[float, float] = (0.0, 1.0)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        low, high = check_pair("feature_range", self.feature_range)
        if not low < high:
            raise ValueError(
                f"`feature_range` must be the minimum and a larger maximum; got {self.feature_range!r}. "
                "(0, 1) is the default."
            )

    def _apply(self, sequences: Sequences) -> Sequences:
        scaled = super()._apply(sequences)
        low, high = check_pair("feature_range", self.feature_range)
        placed = scaled.with_values(low + (high - low) * scaled.values)
        return placed if scaled.static is None else placed.with_static(low + (high - low) * scaled.static)

    def _measure(
        self, values: Tensor, offsets: Tensor, weights: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        seen = observed(values)
        lows, highs = (
            (values, values)
            if seen is None
            else (values.nan_to_num(nan=torch.inf), values.nan_to_num(nan=-torch.inf))
        )
        low = torch.segment_reduce(lows, "min", offsets=offsets, axis=0)
        high = torch.segment_reduce(highs, "max", offsets=offsets, axis=0)
        found = low <= high
        return torch.where(found, low, torch.nan), torch.where(found, high - low, torch.nan)

    def _merged(self, centres: Tensor, scales: Tensor, masses: Tensor) -> tuple[Tensor, Tensor]:
        low = centres.nan_to_num(nan=torch.inf).amin(dim=0)
        high = (centres + scales).nan_to_num(nan=-torch.inf).amax(dim=0)
        return low, high - low

    def _remember(self, centre: Tensor, scale: Tensor) -> None:
        self.data_min_: Tensor = centre
        self.data_range_: Tensor = scale

    def _remembered(self) -> tuple[Tensor, Tensor]:
        return self.data_min_, self.data_range_
