"""Features of mean 0 and variance 1, over real steps only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

import torch
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences, as_sequences


@dataclass(kw_only=True, eq=False, repr=False)
class ZScore(TransformerMixin, BaseEstimator):
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
        What "feature" subtracts and divides by; a deviation of 0 becomes 1.
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

    per: Literal["feature", "sequence"] = "feature"
    padding_value: float | None = 0.0

    def fit(self, X: Any, y: object = None, lengths: ArrayLike | None = None) -> Self:
        """Measure mean and deviation of each feature over the real steps of `X`."""
        if self.per not in ("feature", "sequence"):
            raise ValueError(f"`per` must be 'feature' or 'sequence'; got {self.per!r}.")
        sequences = as_sequences(X, lengths=lengths, padding_value=self.padding_value)
        values = sequences.values.double()
        self.mean_ = values.mean(dim=0).float()
        self.scale_ = _nonzero(values.std(dim=0, correction=0).float())
        self.n_features_in_ = sequences.n_features
        return self

    def fit_transform(self, X: Any, y: object = None, lengths: ArrayLike | None = None) -> Sequences:
        """Fit, and return the scaled samples: scikit-learn's own would not hand `lengths` on to `transform`."""
        return self.fit(X, y, lengths).transform(X, lengths)

    def transform(self, X: Any, lengths: ArrayLike | None = None) -> Sequences:
        """Return the scaled samples as `Sequences` of the same lengths."""
        check_is_fitted(self)
        sequences = as_sequences(X, lengths=lengths, padding_value=self.padding_value)
        if sequences.n_features != self.n_features_in_:
            raise InvalidSequenceError(
                f"Sequences must have the {self.n_features_in_} features that `fit` saw; got {sequences.n_features}. "
                "Pass the same columns."
            )
        if self.per == "feature":
            return sequences.with_values((sequences.values - self.mean_) / self.scale_)
        centred = sequences.values - _mean_of_each(sequences, sequences.values)
        return sequences.with_values(centred / _nonzero(_mean_of_each(sequences, centred.square()).sqrt()))


def _mean_of_each(sequences: Sequences, values: Tensor) -> Tensor:
    """Return the mean of each sequence, at each of its steps: (n_steps, n_features)."""
    means = torch.segment_reduce(values, "mean", offsets=sequences.offsets, axis=0)
    return means.repeat_interleave(sequences.lengths, dim=0)


def _nonzero(scale: Tensor) -> Tensor:
    """Replace deviations of 0 by 1: a constant stays what it is, less its mean."""
    return torch.where(scale > 0, scale, torch.ones_like(scale))
