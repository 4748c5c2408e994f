"""What a user passes to `fit` and `predict` -> sequences."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import _check_feature_names
from torch import Tensor

from seqclf.estimators._targets import Labels, check_labels, check_weights, encode, loss_weights
from seqclf.exceptions import InvalidSequenceError, SeqclfWarning
from seqclf.sequences import Sequences, as_sequences, check_finite
from seqclf.training import LabelledSequences

ValidationData = tuple[Any, Any] | tuple[Any, Any, Any]
"""`(X, y)` or `(X, y, lengths)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Sequences with their labels and weights, those of weight 0 left out."""

    sequences: Sequences
    labels: Labels
    weights: NDArray[np.float64] | None


def read_samples(sequences: Sequences, y: ArrayLike | None, sample_weight: ArrayLike | None) -> Samples:
    """Check labels and weights, and leave out samples that weigh nothing."""
    labels = check_labels(y, len(sequences))
    if sample_weight is None:
        return Samples(sequences=sequences, labels=labels, weights=None)
    weights = check_weights(sample_weight, len(sequences))
    counted = weights > 0
    if not counted.all():
        sequences, labels, weights = sequences[counted], labels[counted], weights[counted]
    return Samples(sequences=sequences, labels=labels, weights=weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """How a fitted estimator reads samples."""

    padding_value: float | None
    n_features: int  # values at each step
    width: int | None  # columns of the 2-D table that `fit` saw
    name: str

    def read(self, X: Any, lengths: ArrayLike | None) -> Sequences:
        """Convert samples; they must have the features, and a table the columns, that `fit` saw."""
        sequences = _finite_sequences(X, lengths, self.padding_value)
        if not len(sequences):
            raise InvalidSequenceError(
                f"{self.name} needs at least one sequence; got 0 sample(s). Was everything filtered out?"
            )
        if sequences.n_features != self.n_features:
            raise InvalidSequenceError(
                f"X has {sequences.n_features} features, but {self.name} is expecting {self.n_features} features as "
                "input: values at each step. Pass the features that `fit` saw."
            )
        width = _columns(X)
        if width is not None and self.width is not None and lengths is None:
            longest = int(sequences.lengths.max())
            if width < self.width or longest > self.width:
                raise InvalidSequenceError(
                    f"X has {width} features, but {self.name} is expecting {self.width} features as input: the columns "
                    "of a 2-D table, behind which padding only may follow. If its rows are whole, pass `lengths` or a "
                    "list of sequences."
                )
        return sequences


def read_to_fit(X: Any, lengths: ArrayLike | None, padding_value: float | None) -> Sequences:
    """Convert the first samples an estimator sees; warn where time and features look exchanged."""
    shape: tuple[int, ...] = tuple(getattr(X, "shape", ()))
    if len(shape) == 3 and shape[2] > shape[1]:
        warnings.warn(
            f"A 3-D array is read as (sample, time, feature); got shape {shape}: more features than time steps. "
            "If it is in the order (sample, channel, time) of aeon and sktime, pass `X.transpose(0, 2, 1)`.",
            SeqclfWarning,
            stacklevel=4,
        )
    sequences = _finite_sequences(X, lengths, padding_value)
    if not len(sequences):
        raise InvalidSequenceError(
            "`fit` needs at least one sequence; got 0 sample(s). Was everything filtered out?"
        )
    return sequences


def _finite_sequences(X: Any, lengths: ArrayLike | None, padding_value: float | None) -> Sequences:
    """Convert samples; of `Sequences`, which are what they are, look at the values too: NaN would become some label."""
    sequences = as_sequences(X, lengths=lengths, padding_value=padding_value)
    if sequences is X:
        check_finite(sequences)
    return sequences


def read_validation(
    data: ValidationData, classes: Labels, door: Door, of_class: NDArray[np.float64] | None
) -> LabelledSequences:
    """Convert `validation_data`; it is weighed like the samples to fit, by class."""
    if not isinstance(data, tuple | list) or len(data) not in (2, 3):
        raise ValueError(
            f"`validation_data` must be (X, y) or (X, y, lengths); got {type(data).__name__} of {len(data)}."
        )
    X, y, lengths = data if len(data) == 3 else (*data, None)
    sequences = door.read(X, lengths)
    target = encode(check_labels(y, len(sequences)), classes, name="validation_data[1]")
    return LabelledSequences(sequences=sequences, target=target, weight=loss_weights(None, of_class, target))


def table_width(X: Any, sequences: Sequences) -> int | None:
    """Return the number of columns of the 2-D table that was fitted; None if it was something else."""
    if isinstance(X, list | tuple) and sequences.n_features == 1:
        longest = int(sequences.lengths.max())
        return longest if int(sequences.lengths.min()) == longest else None
    return _columns(X)


def remember_columns(estimator: Any, X: Any, *, reset: bool) -> None:
    """Remember the names of the columns of a table, or compare them; those behind the columns of `fit` hold padding only."""
    columns = _columns(X)
    if columns is None or isinstance(X, Tensor):
        if reset:
            vars(estimator).pop("feature_names_in_", None)
        return
    seen = columns if reset else estimator._door.width
    if seen is not None and seen < columns and hasattr(X, "iloc"):
        X = X.iloc[:, :seen]
    _check_feature_names(estimator, X, reset=reset)


def _columns(X: Any) -> int | None:
    """Return the number of columns of a 2-D array; None for anything else."""
    shape: tuple[int, ...] = tuple(getattr(X, "shape", ()))
    return shape[1] if len(shape) == 2 else None
