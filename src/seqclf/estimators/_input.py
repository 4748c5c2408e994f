"""User data -> sequences, checked against what `fit` has seen."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, Self, TypeVar

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from seqclf._checks import check_sample_weight
from seqclf._inspection import is_inspected
from seqclf._row_order import check_row_order
from seqclf.estimators._mistakes import find_mistakes
from seqclf.estimators._scaling import Scaling
from seqclf.estimators._targets import Labels, check_labels, encode, loss_weights
from seqclf.estimators._training_range import TrainingRange
from seqclf.exceptions import InvalidSequenceError, SeqclfWarning
from seqclf.nn import NetworkSpec
from seqclf.sequences import (
    ColumnNames,
    LazySequences,
    Sequences,
    Vocabularies,
    as_sequences,
    check_finite,
    infer_lengths,
    padded_shape,
    padding_in_list,
    subset,
    warn_of_swapped_axes,
)
from seqclf.training import LabelledSequences

ValidationData = tuple[Any, Any] | tuple[Any, Any, Any]
"""`(X, y)` or `(X, y, lengths)`."""


_LEAST_RUN, _LEAST_SHARE = 3, 0.1  # of padding at the end of a row, and of such rows: fewer are chance

Kind = TypeVar("Kind", bound=Sequences | LazySequences)
Other = TypeVar("Other", bound=Sequences | LazySequences)


@dataclass(frozen=True, kw_only=True)
class Samples(Generic[Kind]):
    """Sequences with their labels and weights, without those of weight 0."""

    sequences: Kind
    labels: Labels
    weights: NDArray[np.float64] | None

    def with_sequences(self, sequences: Other) -> Samples[Other]:
        """Return the same labels and weights with other sequences."""
        return Samples(sequences=sequences, labels=self.labels, weights=self.weights)


def select_samples(
    sequences: Sequences | LazySequences, y: ArrayLike | None, sample_weight: ArrayLike | None
) -> Samples[Any]:
    """Check labels and weights, and leave out samples of weight 0; nothing is read of sequences on disk."""
    labels = check_labels(y, len(sequences))
    if sample_weight is None:
        return Samples(sequences=sequences, labels=labels, weights=None)
    weights = check_sample_weight(sample_weight, len(sequences))
    counted = weights > 0
    if not counted.all():
        kept = torch.from_numpy(counted.nonzero()[0])
        sequences, labels, weights = subset(sequences, kept), labels[counted], weights[counted]
    return Samples(sequences=sequences, labels=labels, weights=weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputContract:
    """What a fitted estimator expects of the samples it reads, and how it scales them."""

    padding_value: float | None
    missing: Literal["error", "keep"] = "error"
    n_features: int  # features per step
    n_static_features: int
    width: int | None  # columns of the 2-D table that `fit` saw; None if it saw sequences
    list_length: int | None  # steps of each sequence of a list, where all are equal
    needs_lengths: bool  # whether `fit` got lengths that differ from the trailing padding
    column_names: ColumnNames
    name: str
    scaling: Scaling
    scaled_sizes: tuple[int, int]  # features and static features after scaling
    vocabularies: Vocabularies | None = None  # the tokens of the training samples; None without token columns
    training_range: TrainingRange | None = None  # None where units do not matter, and in older files

    @classmethod
    def of(
        cls,
        X: Any,
        lengths: ArrayLike | None,
        sequences: Sequences,
        *,
        padding_value: float | None,
        missing: Literal["error", "keep"] = "error",
        name: str,
    ) -> InputContract:
        """Return the contract that follows from the first samples."""
        return cls(
            padding_value=padding_value,
            missing=missing,
            n_features=sequences.n_features,
            n_static_features=sequences.n_static_features,
            width=_columns(X),
            list_length=_list_length(X, sequences),
            needs_lengths=lengths is not None and _lengths_differ(X, lengths, padding_value),
            column_names=ColumnNames.of(X),
            name=name,
            scaling=Scaling(None),
            scaled_sizes=(sequences.n_features, sequences.n_static_features),
            vocabularies=None if sequences.tokens is None else sequences.tokens.vocabularies,
        )

    @property
    def n_features_in(self) -> int:
        """Number of columns of a 2-D table seen in `fit`; for other input, the number of features per step."""
        return self.n_features if self.width is None else self.width

    def scaled_by(
        self, scaling: Scaling, first: Sequences | LazySequences, scaled: Sequences | LazySequences
    ) -> Self:
        """Return the contract with what scales the samples, of which the first are given, also scaled."""
        return replace(
            self,
            scaling=scaling,
            scaled_sizes=(scaled.n_features, scaled.n_static_features),
            vocabularies=None if scaled.tokens is None else scaled.tokens.vocabularies,
            training_range=None if scaling.removes_units else TrainingRange.of(first),
        )

    def network_spec(self, n_classes: int) -> NetworkSpec:
        """Return the sizes that a network for these samples, after scaling, must have."""
        n_features, n_static_features = self.scaled_sizes
        n_tokens = {name: len(tokens) + 1 for name, tokens in (self.vocabularies or {}).items()}
        return NetworkSpec(
            n_features=n_features,
            n_classes=n_classes,
            n_static_features=n_static_features,
            n_tokens=n_tokens,
        )

    def read(self, X: Any, lengths: ArrayLike | None) -> Sequences | LazySequences:
        """Convert and scale samples; raise unless they have the features, and frames the columns, seen in `fit`."""
        return self.scaling.apply(self.convert(X, lengths))

    def convert(self, X: Any, lengths: ArrayLike | None) -> Sequences:
        """Convert samples as `read` does, but do not scale them."""
        self.column_names.check(X, name=self.name, has_lengths=lengths is not None)
        if lengths is None:
            self._check_reading(X)
        sequences = _finite_sequences(X, lengths, self.padding_value, self.missing)
        if not len(sequences):
            raise InvalidSequenceError(
                f"{self.name} needs at least one sequence; got 0 sample(s). Was everything filtered out?"
            )
        sequences = self._recoded(sequences)
        for kind, got, expected in (
            ("features", sequences.n_features, self.n_features),
            ("static features", sequences.n_static_features, self.n_static_features),
        ):
            if got != expected:
                raise InvalidSequenceError(
                    f"X has {_counted(got, kind)}, but {self.name} is expecting {_counted(expected, kind)} as input. Pass the "
                    "features that `fit` saw."
                )
        self._check_width(_columns(X) if lengths is None else None, sequences)
        if isinstance(X, list | tuple):
            self._warn_of_padding(sequences)
        self._warn_of_range(sequences)
        return sequences

    def _recoded(self, sequences: Sequences) -> Sequences:
        """Return sequences with the codes of the training samples; tokens that these do not have are unknown."""
        tokens, expected = sequences.tokens, self.vocabularies or {}
        if set(expected) != set(sequences.n_tokens):
            raise InvalidSequenceError(
                f"X has the token columns {list(sequences.n_tokens)!r:.200}, but {self.name} is expecting "
                f"{list(expected)!r:.200} as input. Encode the columns that `fit` saw, with `TokenEncoder` or "
                "`as_sequences(X, vocabulary=...)`."
            )
        return sequences if tokens is None else sequences.with_tokens(tokens.recoded(expected))

    def _check_reading(self, X: Any) -> None:
        """Raise if an array without lengths could be read in two ways."""
        shape = padded_shape(X)
        if len(shape) == 2 and self.width is None and not self._is_same_as_list(X, shape):
            raise InvalidSequenceError(
                f"X must be a list of sequences, `Sequences` or a 3-D array, as `fit` saw; got a 2-D array of shape {shape}, "
                "which may be one sequence or a padded table. Pass `[x]` or `X[i:i + 1]` for one sequence, "
                "`as_sequences(X)` or `lengths` for a padded table."
            )
        if len(shape) in (2, 3) and self.needs_lengths:
            raise InvalidSequenceError(
                f"`lengths` must be given, as in `fit`, where they differed from those inferred from trailing padding; got "
                f"a padded array of shape {shape} without them. Pass `lengths`, or convert once with "
                "`as_sequences(X, lengths=lengths)` before `fit`, searches and pipelines."
            )

    def _is_same_as_list(self, X: Any, shape: tuple[int, ...]) -> bool:
        """Return whether a 2-D array is the same sequences as a list of its rows, of the length that `fit` saw."""
        if shape[1] != self.list_length or self.padding_value is None:
            return shape[1] == self.list_length
        return bool((infer_lengths(X, padding_value=self.padding_value) == shape[1]).all())

    def _warn_of_padding(self, sequences: Sequences) -> None:
        """Warn of a list of the rows of a padded table: its padding would be read as real steps."""
        if self.width is None:
            found = (
                padding_in_list(sequences) if self.list_length is None else None
            )  # else, `fit` had such rows, and warned
            if found is not None:
                warnings.warn(found, SeqclfWarning, stacklevel=5)
            return
        if self.padding_value is None or self.n_features > 1:
            return
        if not bool((sequences.lengths == self.width).all()):
            return
        rows = sequences.values.reshape(len(sequences), self.width)
        real = infer_lengths(rows, padding_value=self.padding_value)
        n_padded = int((real <= self.width - _LEAST_RUN).sum())
        if n_padded > 0 and n_padded >= _LEAST_SHARE * len(sequences):
            warnings.warn(
                f"All sequences of the list have {self.width} steps, as many as the table that {self.name} was fitted to has columns, and "
                f"{n_padded} of {len(sequences)} end in runs of its padding value, {self.padding_value:g}, which a list holds as real steps. If "
                "they are padding, cut them off, or pass an array, `np.array(X)`. If they are real, pass `as_sequences(X)`.",
                SeqclfWarning,
                stacklevel=5,
            )

    def _warn_of_range(self, sequences: Sequences) -> None:
        """Warn of features far outside of the training samples."""
        if self.training_range is None or not is_inspected():
            return
        if (found := self.training_range.difference(sequences)) is not None:
            warnings.warn(found, SeqclfWarning, stacklevel=5)

    def _check_width(self, width: int | None, sequences: Sequences) -> None:
        """Compare with the table that `fit` saw; `width` is the number of columns of a table without lengths."""
        if self.width is None:
            return
        longest = int(sequences.lengths.max())
        if width is not None and (width < self.width or longest > self.width):
            raise InvalidSequenceError(
                f"X has {width} features, but {self.name} is expecting {self.width} features as input: the columns of a "
                "2-D table, after which only padding may follow. If its rows are whole sequences, pass `lengths` or a list "
                "of sequences."
            )
        if longest > self.width:
            warnings.warn(
                f"X[{int(sequences.lengths.argmax())}] has {longest} steps, but {self.name} was fitted to a table of {self.width} "
                "columns. Is the sampling rate that of the training samples?",
                SeqclfWarning,
                stacklevel=5,
            )


def _counted(n: int, kind: str) -> str:
    """Return a number of features in words; scikit-learn's own checks require "1 features"."""
    return "1 static feature" if (n, kind) == (1, "static features") else f"{n} {kind}"


def with_known_tokens(sequences: Sequences | LazySequences) -> Sequences | LazySequences:
    """Return training samples with vocabularies of the tokens that occur in them; others would keep their random weights."""
    tokens = sequences.tokens if isinstance(sequences, Sequences) else sequences.selected_tokens()
    if tokens is None:
        return sequences
    if isinstance(sequences, Sequences):
        return sequences.with_tokens(tokens.recoded(tokens.frequent()))
    known = tokens.frequent()

    def recoded(batch: Sequences) -> Sequences:
        return batch if batch.tokens is None else batch.with_tokens(batch.tokens.recoded(known))

    return sequences.mapped(recoded)


def read_first(
    X: Any,
    y: ArrayLike | None,
    lengths: ArrayLike | None,
    sample_weight: ArrayLike | None,
    *,
    padding_value: float | None,
    missing: Literal["error", "keep"] = "error",
    name: str,
) -> tuple[InputContract, Samples[Any]]:
    """Convert the first samples that an estimator sees, not scaled, and return the contract for later samples."""
    warn_of_swapped_axes(X, stacklevel=4)
    check_row_order(X=X, y=y, sample_weight=sample_weight)
    sequences = _finite_sequences(X, lengths, padding_value, missing)
    if not len(sequences):
        raise InvalidSequenceError(
            "`fit` needs at least one sequence; got 0 sample(s). Was everything filtered out?"
        )
    contract = InputContract.of(
        X, lengths, sequences, padding_value=padding_value, missing=missing, name=name
    )
    samples = select_samples(sequences, y, sample_weight)
    if is_inspected():
        for mistake in find_mistakes(
            X,
            lengths,
            padding_value,
            converted=sequences,
            kept=samples.sequences,
            labels=samples.labels,
            names=contract.column_names,
        ):
            warnings.warn(mistake, SeqclfWarning, stacklevel=4)
    return contract, samples


def _finite_sequences(
    X: Any, lengths: ArrayLike | None, padding_value: float | None, missing: Literal["error", "keep"]
) -> Sequences:
    """Convert samples without rounding them; also check `Sequences`: NaN would be predicted as some class."""
    sequences = as_sequences(
        X, lengths=lengths, padding_value=padding_value, dtype=None, missing=missing, check_axes=False
    )
    if sequences is X:
        check_finite(sequences, missing=missing)
    return sequences


def check_validation(data: ValidationData) -> tuple[Any, Any, Any]:
    """Return samples, labels and lengths of `validation_data`."""
    if not isinstance(data, tuple | list) or len(data) not in (2, 3):
        raise ValueError(
            f"`validation_data` must be (X, y) or (X, y, lengths); got {type(data).__name__} of length {len(data)}."
        )
    check_row_order(X=data[0], y=data[1])
    return data if len(data) == 3 else (*data, None)


def read_validation(data: ValidationData, contract: InputContract) -> Samples[Sequences]:
    """Convert `validation_data`, but do not scale them."""
    X, y, lengths = check_validation(data)
    sequences = contract.convert(X, lengths)
    return Samples(sequences=sequences, labels=check_labels(y, len(sequences)), weights=None)


def scaled_validation(
    samples: Samples[Sequences],
    classes: Labels,
    contract: InputContract,
    of_class: NDArray[np.float64] | None,
) -> LabelledSequences:
    """Scale validation samples; their classes have the weights of the training samples."""
    sequences = contract.scaling.apply(samples.sequences)
    target = encode(samples.labels, classes, name="validation_data[1]")
    return LabelledSequences(sequences=sequences, target=target, weight=loss_weights(None, of_class, target))


def _lengths_differ(X: Any, lengths: ArrayLike, padding_value: float | None) -> bool:
    """Return whether the given lengths differ from those inferred from trailing padding."""
    given = np.asarray(lengths)
    if padding_value is None:
        return bool((given < X.shape[1]).any())
    return not np.array_equal(infer_lengths(X, padding_value=padding_value), given)


def _list_length(X: Any, sequences: Sequences) -> int | None:
    """Return the length of the sequences of a list that could be the rows of a table; None for anything else."""
    if not isinstance(X, list | tuple) or sequences.n_features != 1:
        return None
    longest = int(sequences.lengths.max())
    return longest if int(sequences.lengths.min()) == longest else None


def _columns(X: Any) -> int | None:
    """Return the number of columns of a 2-D array; None for anything else."""
    shape = padded_shape(X)
    return shape[1] if len(shape) == 2 else None
