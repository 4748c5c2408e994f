"""Base class of the scalers, which measure features over real steps only."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from seqclf._checks import check_choice, check_sample_weight
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import ColumnNames, Sequences, as_sequences, check_finite


@dataclass(kw_only=True, eq=False, repr=False)
class Scaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Subtracts a centre and divides by a scale, in float64; a subclass computes both in `_measure`.

    Static features are scaled too, over the sequences seen in `fit`.
    """

    per: Literal["feature", "sequence"] = "feature"
    padding_value: float | None = 0.0

    def __init_subclass__(cls, **options: Any) -> None:
        # scikit-learn's `set_output` would make a data frame of the result, which is `Sequences`.
        super().__init_subclass__(auto_wrap_output_keys=None, **options)

    @abstractmethod
    def _measure(
        self, values: Tensor, offsets: Tensor, weights: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return centre and scale of each segment and feature: (n_segments, n_features) each, float64.

        `weights`, (n_rows, 1), count rows more than once or less; None counts each once.
        """

    @abstractmethod
    def _remember(self, centre: Tensor, scale: Tensor) -> None:
        """Set the fitted attributes: (n_features,) each."""

    @abstractmethod
    def _remembered(self) -> tuple[Tensor, Tensor]:
        """Return the fitted attributes: (n_features,) each."""

    def fit(
        self,
        X: Any,
        y: object = None,
        *,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Measure each feature over the real steps of `X`; a sample of weight 2 counts twice."""
        self._check_parameters()
        sequences = self._read(X, lengths)
        weights = None
        if sample_weight is not None:
            sequences, weights = _counted(sequences, check_sample_weight(sample_weight, len(sequences)))
        by_step = None if weights is None else weights.repeat_interleave(sequences.lengths, dim=0)
        self._remember(*self._measure_all(sequences.values, by_step))
        self.n_features_in_ = sequences.n_features
        static = self._static_features(sequences)
        self._static = None if static is None else self._measure_all(static, weights)
        self._column_names = ColumnNames.of(X)
        return self

    def fit_transform(
        self,
        X: Any,
        y: object = None,
        *,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Sequences:
        """Fit, then return the scaled samples. (The inherited method would not pass `lengths` to `transform`.)"""
        sequences = self._read(X, lengths)
        self.fit(sequences, y, sample_weight=sample_weight)
        self._column_names = ColumnNames.of(X)
        return self.transform(sequences)

    def transform(self, X: Any, *, lengths: ArrayLike | None = None) -> Sequences:
        """Return the scaled samples, in float32, as `Sequences` of the same lengths."""
        check_is_fitted(self)
        self._column_names.check(X, name=type(self).__name__, has_lengths=lengths is not None)
        sequences = self._read(X, lengths)
        _check_same("features", sequences.n_features, self.n_features_in_)
        values = sequences.values.double()
        if self.per == "feature":
            centre, scale = (one.to(sequences.device) for one in self._remembered())
        else:
            measured = self._measure(values, sequences.offsets)
            centre, scale = (one.repeat_interleave(sequences.lengths, dim=0) for one in measured)
        scaled = _scaled(values, centre, scale)
        result = Sequences.unchecked(
            scaled, sequences.offsets, self._scaled_static(sequences), sequences.tokens
        )
        check_finite(result)  # values far from those of `fit` may leave the range of float32
        return result

    def _check_parameters(self) -> None:
        check_choice("per", self.per, ("feature", "sequence"))

    def _static_features(self, sequences: Sequences) -> Tensor | None:
        """Return the features of whole sequences before they are scaled: (n_sequences, any)."""
        return sequences.static

    def _scaled_static(self, sequences: Sequences) -> Tensor | None:
        static = self._static_features(sequences)
        measured = self._static
        n_seen = 0 if measured is None else measured[0].shape[0]
        _check_same("static features", 0 if static is None else static.shape[1], n_seen)
        if static is None or measured is None:
            return None
        return _scaled(static.double(), *(one.to(static.device) for one in measured))

    def _read(self, X: Any, lengths: ArrayLike | None) -> Sequences:
        """Convert samples without rounding them."""
        return as_sequences(X, lengths=lengths, padding_value=self.padding_value, dtype=None)

    def _measure_all(self, rows: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return centre and scale of each column, (n_columns,), on the CPU."""
        whole = torch.tensor([0, rows.shape[0]], device=rows.device, dtype=torch.int64)
        centre, scale = (one[0].cpu() for one in self._measure(rows.double(), whole, weights))
        if not torch.isfinite(centre).all() or not torch.isfinite(scale).all():
            raise InvalidSequenceError(
                f"Values must be small enough to be measured in float64; got a scale of {scale.tolist()!r:.80}. Rescale the data."
            )
        return centre, scale

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        check_is_fitted(self)
        names = self._column_names.to_array()
        if names is None:
            raise AttributeError(
                "`feature_names_in_` exists only if `fit` saw data frames whose column names are all strings."
            )
        return names

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[Any]:
        """Return a name for each feature of the scaled sequences.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the features, if `fit` saw none. The columns of a padded table are time steps, whose names
            are not those of features.

        Returns
        -------
        ndarray of shape (n_features_in_,)
            The names that `fit` saw, `input_features`, or "x0", "x1", ...
        """
        check_is_fitted(self)
        if self._column_names.axis == "step":
            return np.array([f"x{i}" for i in range(self.n_features_in_)], dtype=object)
        names: NDArray[Any] = super().get_feature_names_out(input_features)
        return names


def _counted(sequences: Sequences, weights: NDArray[np.float64]) -> tuple[Sequences, Tensor]:
    """Return the sequences of positive weight, and their weights, (n_sequences, 1)."""
    counted = weights > 0
    positive = weights[counted]
    return sequences[counted], torch.from_numpy(positive / positive.max())[:, None].to(sequences.device)


def _scaled(values: Tensor, centre: Tensor, scale: Tensor) -> Tensor:
    """Return scaled values, in float32; a constant is only shifted."""
    divisor = torch.where(scale > 0, scale, torch.ones_like(scale))
    return ((values - centre) / divisor).to(torch.float32)


def _check_same(what: str, got: int, seen: int) -> None:
    if got != seen:
        raise InvalidSequenceError(
            f"Sequences must have {seen} {what}, as in `fit`; got {got}. Pass the same columns."
        )
