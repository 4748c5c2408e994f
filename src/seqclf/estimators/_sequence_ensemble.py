"""`SequenceEnsemble`: the mean probability of several estimators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from multiprocessing import parent_process
from typing import Any, Literal, NoReturn, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin, clone
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from seqclf._checks import as_random_state, check_choice, check_integer, check_n_jobs, check_sequence
from seqclf._inspection import uninspected
from seqclf._row_order import check_row_order
from seqclf._versions import Versioned
from seqclf.estimators._accuracy import accuracy
from seqclf.estimators._default_members import default_members
from seqclf.estimators._fitted import check_unchanged
from seqclf.estimators._input import (
    InputContract,
    Samples,
    ValidationData,
    check_validation,
    read_first,
    select_samples,
)
from seqclf.estimators._sequence_classifier import SequenceClassifier
from seqclf.estimators._side_by_side import FitCall, fit_side_by_side
from seqclf.estimators._targets import Labels, check_classes
from seqclf.estimators._training_range import TrainingRange
from seqclf.sequences import Sequences
from seqclf.training import current_group


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedEnsemble:
    """Everything that a fit of an ensemble learns."""

    members: tuple[Any, ...]
    contract: InputContract
    given: Mapping[str, Any]  # the parameters that shape the ensemble


@dataclass(kw_only=True, eq=False, repr=False)
class SequenceEnsemble(ClassifierMixin, Versioned):
    """Average the probabilities of several classifiers that read different representations of the sequences.

    Parameters
    ----------
    estimators : sequence of estimators or None, default=None
        Members are copies of these, in turn: with two estimators and five members, three are copies of the first and two of
        the second, each with its own random numbers. None: those of `seqclf.estimators.default_members`, which differ in the
        representation of the sequences and in the cell.
    n_members : int, default=5
        Number of members.
    n_jobs : int, default=-1
        Number of processes that train members in parallel; at most one per available core, which is what -1 means. On a GPU,
        members are trained one after another. Each member is trained on one thread, so the result does not depend on `n_jobs`.
        Each fit starts its processes, which takes some seconds: for small data, 1 is faster.
    missing : {"error", "indicator"}, default="error"
        What the default members do with missing values; see `SequenceClassifier`. Members from `estimators` have their own parameter.
    padding_value : float or None, default=0.0
        Padding of arrays that come without `lengths`; None means that no step is padding.
    random_state : int, RandomState or None, default=None
        Source of the members' random numbers; replaces the `random_state` of `estimators`.

    Attributes
    ----------
    members_ : tuple of estimators
        The fitted members. After an interrupted `fit`, those that were finished.
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    n_features_in_ : int
        Number of features per step; for a 2-D table, its number of columns.
    feature_names_in_ : ndarray of shape (n_columns,)
        Column names of a data frame, or of the frames of a list, if all are strings.

    Raises
    ------
    ValueError, TypeError
        In `fit`, if a parameter is out of range; the previous members are kept.
    seqclf.InvalidSequenceError
        If the samples are not sequences.

    See Also
    --------
    GRUClassifier : A single network: faster, and often enough for tens of thousands of samples.

    Notes
    -----
    Networks that were trained on few samples make different mistakes, and their mean makes fewer (Lakshminarayanan et al. 2017,
    arXiv:1612.01474; for time series, Ismail Fawaz et al. 2020, doi:10.1007/s10618-020-00710-y). Members have equal weights.

    Examples
    --------
    >>> from seqclf import GRUClassifier, LSTMClassifier, SequenceEnsemble
    >>> X = [[0.1, 0.9], [0.2, 0.8, 0.9], [0.9, 0.1, 0.2], [0.8, 0.2]] * 8
    >>> y = ["up", "up", "down", "down"] * 8
    >>> small = [GRUClassifier(hidden_size=8), LSTMClassifier(hidden_size=8)]
    >>> model = SequenceEnsemble(estimators=small, n_members=3, n_jobs=1, random_state=0).fit(X, y)
    >>> model.predict([[0.0, 0.5, 0.9], [0.9, 0.3]])
    array(['up', 'down'], dtype='<U4')
    """

    estimators: Sequence[Any] | None = None
    n_members: int = 5
    n_jobs: int = -1
    missing: Literal["error", "indicator"] = "error"
    padding_value: float | None = 0.0
    random_state: int | np.random.RandomState | None = None

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        *,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        validation_data: ValidationData | None = None,
    ) -> Self:
        """Fit each member to all samples.

        Parameters
        ----------
        X, y, lengths, sample_weight, validation_data
            As in `SequenceClassifier.fit`; each member is scored on `validation_data`.

        Returns
        -------
        SequenceEnsemble
            The estimator itself.
        """
        contract, samples = self._read_first(X, y, lengths, sample_weight)
        check_classes(samples.labels)
        members = self._new_members(samples.sequences)
        keywords: dict[str, Any] = {"sample_weight": samples.weights}
        if validation_data is not None:
            keywords["validation_data"] = _converted(validation_data, contract)
        self._train(members, contract, _call("fit", samples, keywords))
        return self

    def partial_fit(
        self,
        X: Any,
        y: ArrayLike,
        *,
        classes: ArrayLike | None = None,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Train each member for one epoch on these samples.

        Parameters
        ----------
        X, y, classes, lengths, sample_weight
            As in `SequenceClassifier.partial_fit`.

        Returns
        -------
        SequenceEnsemble
            The estimator itself.
        """
        if self.__sklearn_is_fitted__():
            first = self._ensemble.given
            check_unchanged(first, self._given(), "the ensemble was fitted", "Create a new ensemble.")
            contract, members = self._ensemble.contract, list(self._ensemble.members)
            check_row_order(X=X, y=y, sample_weight=sample_weight)
            samples = select_samples(contract.convert(X, lengths), y, sample_weight)
            previous = members
        else:
            contract, samples = self._read_first(X, y, lengths, sample_weight)
            members = self._new_members(samples.sequences)
            previous = []
        keywords = {"sample_weight": samples.weights, "classes": classes}
        self._train(members, contract, _call("partial_fit", samples, keywords), previous=previous)
        return self

    def predict_proba(self, X: Any, *, lengths: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return the mean probability of each class over the members, of shape (n_samples, n_classes)."""
        check_is_fitted(self)
        sequences = self._ensemble.contract.convert(X, lengths)
        with uninspected():
            total = sum(member.predict_proba(sequences) for member in self.members_)
        mean: NDArray[np.float64] = total / len(self.members_)
        return mean

    def predict(self, X: Any, *, lengths: ArrayLike | None = None) -> Labels:
        """Return the label with the largest mean probability, of shape (n_samples,)."""
        most_probable = self.predict_proba(X, lengths=lengths).argmax(axis=1)
        labels: Labels = self.classes_[most_probable]
        return labels

    def score(
        self,
        X: Any,
        y: ArrayLike,
        *,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Return the accuracy of `predict` on these samples."""
        check_row_order(X=X, y=y, sample_weight=sample_weight)
        return accuracy(self.predict(X, lengths=lengths), y, sample_weight)

    @property
    def stream(self) -> NoReturn:
        """Raise `AttributeError`: only the members can stream."""
        raise AttributeError(
            f"A {type(self).__name__} cannot stream. Stream its members, `streams = [one.stream() for one in model.members_]`, and "
            "average their probabilities: `np.mean([stream.push(steps) for stream in streams], axis=0)`."
        )

    def with_random_weights(self, *, random_state: int | np.random.RandomState | None = None) -> Self:
        """Return a copy of the fitted ensemble whose members have their weights in random order.

        Parameters
        ----------
        random_state : int, RandomState or None, default=None
            Source of the order.

        Returns
        -------
        SequenceEnsemble
            Independent of this one; see `SequenceClassifier.with_random_weights`.
        """
        check_is_fitted(self)
        rng = as_random_state(random_state)
        members = tuple(member.with_random_weights(random_state=rng) for member in self.members_)
        shuffled = copy(self)
        shuffled._ensemble = replace(self._ensemble, members=members)
        return shuffled

    def _new_members(self, sequences: Sequences) -> list[Any]:
        """Return `n_members` estimators to fit, each with its own random numbers."""
        n_members = check_integer("n_members", self.n_members)
        check_choice("missing", self.missing, ("error", "indicator"))
        if self.estimators is None:
            templates = [one.set_params(missing=self.missing) for one in default_members(sequences)]
        else:
            templates = self._checked_estimators()
        seeds = as_random_state(self.random_state).randint(2**31 - 1, size=n_members).tolist()
        return [
            clone(templates[number % len(templates)]).set_params(random_state=seed)
            for number, seed in enumerate(seeds)
        ]

    def _checked_estimators(self) -> list[Any]:
        estimators = check_sequence("estimators", self.estimators, "estimators")
        if not estimators:
            raise ValueError(
                "`estimators` must hold at least one estimator; got none. None uses the default ones."
            )
        if len(estimators) > self.n_members:
            raise ValueError(
                f"`n_members` must be at least the number of `estimators`, {len(estimators)}; got {self.n_members}. "
                "The last ones would not be used."
            )
        if self.missing != "error":
            raise ValueError(
                f"`missing` concerns the default members; got missing={self.missing!r} with `estimators`. Set it in each of them."
            )
        for number, one in enumerate(estimators):
            if not isinstance(one, SequenceClassifier):
                raise TypeError(
                    f"`estimators` must hold sequence classifiers, such as `GRUClassifier()`; got estimators[{number}]={one!r:.100}. "
                    "Set `scale` of a classifier to a transformer, instead of a pipeline."
                )
        return estimators

    def _read_first(
        self, X: Any, y: ArrayLike, lengths: Any, sample_weight: ArrayLike | None
    ) -> tuple[InputContract, Samples[Sequences]]:
        contract, samples = read_first(
            X,
            y,
            lengths,
            sample_weight,
            padding_value=self.padding_value,
            missing="keep",  # members that refuse missing values raise
            name=type(self).__name__,
        )
        return replace(contract, training_range=TrainingRange.of(samples.sequences)), samples

    def _train(
        self, members: list[Any], contract: InputContract, call: FitCall, *, previous: Sequence[Any] = ()
    ) -> None:
        """Fit the members; after an interrupt, keep those that were finished, and the previous ones in place of the others."""
        fitted: dict[int, Any] = dict(enumerate(previous))
        n_jobs = check_n_jobs(self.n_jobs)
        if self.n_jobs == -1 and parent_process() is not None:
            n_jobs = 1  # a process of a cross-validation or a search: its siblings keep the other cores busy
        if current_group().n_processes > 1:
            n_jobs = 1  # all processes of `distributed` fit one member after another
        try:
            for number, member in fit_side_by_side(members, call, n_jobs):
                fitted[number] = member  # noqa: PERF403 - an interrupt must not lose those that are finished
        except KeyboardInterrupt:
            if fitted:
                self._keep(fitted, contract)
            raise
        self._keep(fitted, contract)

    def _keep(self, fitted: dict[int, Any], contract: InputContract) -> None:
        members = tuple(fitted[number] for number in sorted(fitted))
        if all(member._model.contract.scaling.removes_units for member in members):
            contract = replace(contract, training_range=None)
        self._ensemble = FittedEnsemble(members=members, contract=contract, given=self._given())

    def _given(self) -> dict[str, Any]:
        """Return the parameters that shape the ensemble."""
        return {name: getattr(self, name) for name in ("estimators", "n_members", "missing", "padding_value")}

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_ensemble")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    @property
    def members_(self) -> tuple[Any, ...]:
        check_is_fitted(self)
        return self._ensemble.members

    @property
    def classes_(self) -> Labels:
        labels: Labels = self.members_[0].classes_
        return labels

    @property
    def n_features_in_(self) -> int:
        check_is_fitted(self)
        return self._ensemble.contract.n_features_in

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        check_is_fitted(self)
        return self._ensemble.contract.column_names.feature_names_in


def _call(method: str, samples: Samples[Any], keywords: dict[str, Any]) -> FitCall:
    # `[:]` copies those of positive weight, if others on disk have none: members read `Sequences`.
    sequences = samples.sequences if isinstance(samples.sequences, Sequences) else samples.sequences[:]
    return FitCall(method=method, X=sequences, y=samples.labels, keywords=keywords)


def _converted(data: Any, contract: InputContract) -> tuple[Sequences, Any]:
    """Convert the samples of `validation_data` once, for all members."""
    X, y, lengths = check_validation(data)
    return contract.convert(X, lengths), y
