"""Base class of the scalers, which measure features over real steps only."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Literal, Self

import torch
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from seqclf._checks import check_choice
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences, as_sequences


@dataclass(kw_only=True, eq=False, repr=False)
class Scaler(TransformerMixin, BaseEstimator):
    """Subtracts a centre and divides by a scale; a subclass computes both in `_measure`."""

    per: Literal["feature", "sequence"] = "feature"
    padding_value: float | None = 0.0

    @abstractmethod
    def _measure(self, values: Tensor, offsets: Tensor) -> tuple[Tensor, Tensor]:
        """Return centre and scale of each segment and feature: (n_segments, n_features) each."""

    @abstractmethod
    def _remember(self, centre: Tensor, scale: Tensor) -> None:
        """Set the fitted attributes: (n_features,) each."""

    @abstractmethod
    def _remembered(self) -> tuple[Tensor, Tensor]:
        """Return the fitted attributes: (n_features,) each."""

    def fit(self, X: Any, y: object = None, lengths: ArrayLike | None = None) -> Self:
        """Measure each feature over the real steps of `X`."""
        check_choice("per", self.per, ("feature", "sequence"))
        sequences = as_sequences(X, lengths=lengths, padding_value=self.padding_value)
        whole = torch.tensor([0, sequences.values.shape[0]], device=sequences.device)
        centre, scale = self._measure(sequences.values.double(), whole)
        self._remember(centre[0].float().cpu(), scale[0].float().cpu())
        self.n_features_in_ = sequences.n_features
        return self

    def fit_transform(self, X: Any, y: object = None, lengths: ArrayLike | None = None) -> Sequences:
        """Fit, then return the scaled samples. (The inherited method would not pass `lengths` to `transform`.)"""
        return self.fit(X, y, lengths).transform(X, lengths)

    def transform(self, X: Any, lengths: ArrayLike | None = None) -> Sequences:
        """Return the scaled samples as `Sequences` of the same lengths."""
        check_is_fitted(self)
        sequences = as_sequences(X, lengths=lengths, padding_value=self.padding_value)
        if sequences.n_features != self.n_features_in_:
            raise InvalidSequenceError(
                f"Sequences must have {self.n_features_in_} features, as in `fit`; got {sequences.n_features}. "
                "Pass the same columns."
            )
        if self.per == "feature":
            centre, scale = (one.to(sequences.device) for one in self._remembered())
        else:
            measured = self._measure(sequences.values.double(), sequences.offsets)
            centre, scale = (one.float().repeat_interleave(sequences.lengths, dim=0) for one in measured)
        return sequences.with_values((sequences.values - centre) / _nonzero(scale))


def _nonzero(scale: Tensor) -> Tensor:
    """Replace 0 by 1, so that a constant is shifted only."""
    return torch.where(scale > 0, scale, torch.ones_like(scale))
