"""Base class of the scikit-learn transformers of `Sequences`."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from seqclf._advice import NAN_CURE
from seqclf._checks import check_sample_weight
from seqclf._row_order import check_row_order
from seqclf._versions import Versioned
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import (
    ColumnNames,
    LazySequences,
    Sequences,
    as_sequences,
    check_computed,
    check_finite,
    warn_of_swapped_axes,
)
from seqclf.transforms._samples import Samples


@dataclass(kw_only=True, eq=False, repr=False)
class SequenceTransformer(  # type: ignore[call-arg]  # scikit-learn ships no types
    OneToOneFeatureMixin, TransformerMixin, Versioned, auto_wrap_output_keys=None
):
    """Reads samples without rounding them, and requires the features and columns that `fit` saw.

    A subclass implements `_apply`, and `_learn` if it learns something.
    """

    padding_value: float | None = 0.0

    def __init_subclass__(cls, **options: Any) -> None:
        # scikit-learn's `set_output` would make a data frame of the result, which is `Sequences`.
        super().__init_subclass__(auto_wrap_output_keys=None, **options)

    @property
    def _missing(self) -> Literal["error", "keep"]:
        """Whether values may be NaN: the parameter `missing` of transformers that have it."""
        missing: Literal["error", "keep"] = getattr(self, "missing", "error")
        return missing

    @property
    def _nan_cure(self) -> str:
        """What to do about missing values, if they are an error."""
        name = type(self).__name__
        if hasattr(self, "missing"):
            return f'Pass `{name}(missing="keep")`, and `FillMissing` after it or `missing="indicator"` to the estimator.'
        return f"{name} cannot read missing values: put `FillMissing` before it."

    @abstractmethod
    def _apply(self, sequences: Sequences) -> Sequences:
        """Return transformed sequences."""

    def _learn(self, samples: Samples) -> None:
        """Learn from sequences and their weights."""

    def _check_parameters(self) -> None:
        """Raise if a parameter is out of range."""

    def _names_out(self, names: list[str]) -> list[str]:
        """Return the names of the transformed features."""
        return names

    def fit(
        self,
        X: Any,
        y: object = None,
        *,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Learn from the real steps of `X`; a sample of weight 2 counts twice."""
        self._check_parameters()
        check_row_order(X=X, y=y, sample_weight=sample_weight)
        sequences = X if isinstance(X, LazySequences) else self._read(X, lengths)
        warn_of_swapped_axes(X, stacklevel=2)
        samples = Samples(sequences)
        if sample_weight is not None:
            samples = samples.weighted(check_sample_weight(sample_weight, len(sequences)))
        self._learn(samples)
        self.n_features_in_: int = samples.n_features
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
        """Fit, then return the transformed samples. (The inherited method would not pass `lengths` to `transform`.)"""
        self._check_parameters()
        check_row_order(X=X, y=y, sample_weight=sample_weight)
        sequences = self._read(X, lengths)
        warn_of_swapped_axes(X, stacklevel=2)
        self.fit(sequences, y, sample_weight=sample_weight)
        self._column_names = ColumnNames.of(X)
        return self.transform(sequences)

    def transform(self, X: Any, *, lengths: ArrayLike | None = None) -> Sequences:
        """Return the transformed samples as `Sequences`."""
        sequences = self.convert(X, lengths=lengths)
        result = self._apply(sequences)
        # Values far from those of `fit` may leave the range of the dtype.
        check_computed(result, sequences, missing=self._missing)
        return result

    def convert(self, X: Any, *, lengths: ArrayLike | None = None) -> Sequences:
        """Return samples as `transform` reads them, not transformed; raise unless they have the features that `fit` saw."""
        check_is_fitted(self)
        self._check_parameters()
        self._column_names.check(X, name=type(self).__name__, has_lengths=lengths is not None)
        sequences = self._read(X, lengths)
        check_same("features", sequences.n_features, self.n_features_in_)
        return sequences

    def _read(self, X: Any, lengths: ArrayLike | None) -> Sequences:
        """Convert samples without rounding them; also check `Sequences`, which conversion returns as they are."""
        try:
            sequences = as_sequences(
                X,
                lengths=lengths,
                padding_value=self.padding_value,
                dtype=None,
                missing=self._missing,
                check_axes=False,
            )
            if sequences is X:
                check_finite(sequences, missing=self._missing)
        except InvalidSequenceError as error:
            raise InvalidSequenceError(str(error).replace(NAN_CURE, self._nan_cure)) from None
        return sequences

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        check_is_fitted(self)
        return self._column_names.feature_names_in

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[Any]:
        """Return a name for each feature of the transformed sequences.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the features, if `fit` saw none. The columns of a padded table are time steps, whose names
            are not those of features.

        Returns
        -------
        ndarray of shape (n_features_out,)
            Made of the names that `fit` saw, of `input_features`, or of "x0", "x1", ...
        """
        check_is_fitted(self)
        if self._column_names.axis == "step":
            names = [f"x{i}" for i in range(self.n_features_in_)]
        else:
            names = super().get_feature_names_out(input_features).tolist()
        return np.array(self._names_out(names), dtype=object)


def check_same(what: str, got: int, seen: int) -> None:
    """Raise unless there are as many features as in `fit`."""
    if got != seen:
        raise InvalidSequenceError(
            f"Sequences must have {seen} {what.removesuffix('s') if seen == 1 else what}, as in `fit`; got {got}. Pass the same columns."
        )
