"""Fit and score one set of parameters on the splits that all trials share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.metrics import get_scorer
from sklearn.model_selection import StratifiedKFold, check_cv

from seqclf._checks import check_integer
from seqclf.estimators import SequenceClassifier
from seqclf.evaluation import Report, Split, evaluate, stratified_split
from seqclf.sequences import ColumnNames, Sequences
from seqclf.training import Callback, as_callbacks
from seqclf.transforms import MinMax, ZScore
from seqclf.tuning._epoch_value import EpochValue
from seqclf.tuning._spaces import describe

Scoring = str | Callable[[Any, Any, Any], float]

_IRRELEVANT = ("callbacks", "verbose", "device", "engine", "memory")
"""Parameters that do not change a score."""

VALIDATION_FRACTION = 0.2
"""Fraction of the samples held out without cross-validation."""


def classifier_of(estimator: Any) -> SequenceClassifier:
    """Return a classifier of seqclf: the estimator itself, or the last step of a pipeline."""
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    if not isinstance(last, SequenceClassifier):
        raise TypeError(
            f"`estimator` must be a classifier of seqclf, or a pipeline that ends in one; got {type(last).__name__}. "
            "For other estimators use Optuna or scikit-learn's searches."
        )
    return last


def make_splits(cv: Any, y: NDArray[Any], seed: int) -> list[Split]:
    """Return one stratified split for None, stratified folds for an integer, otherwise the splits of a splitter."""
    if cv is None:
        return [stratified_split(y, test_size=VALIDATION_FRACTION, random_state=seed)]
    if isinstance(cv, Integral):
        cv = StratifiedKFold(check_integer("cv", cv, least=2), shuffle=True, random_state=seed)
    try:
        splitter = check_cv(cv, y, classifier=True)
        splits = [Split(train=train, test=test) for train, test in splitter.split(np.zeros(len(y)), y)]
    except (TypeError, ValueError) as error:
        if "groups" in str(error) and hasattr(cv, "split"):
            raise ValueError(
                f"A splitter in `cv` must not need groups, which `sweep` does not take; got {type(cv).__name__}. Pass its splits: "
                f"`{type(cv).__name__}(...).split(X, y, groups=...)`."
            ) from error
        raise type(error)(
            f"`cv` must be an integer, a splitter or an iterable of (train, test) indices; got {cv!r:.100} ({error})."
        ) from error
    if not splits:
        raise ValueError(
            "`cv` must yield at least one split; got none. An iterator can be used only once: pass a list."
        )
    return splits


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossValidation:
    """Estimator, samples, splits and score that all trials share."""

    estimator: Any
    X: Sequences
    y: NDArray[Any]
    splits: Sequence[Split]
    scoring: Scoring
    seed: int
    epoch_value: EpochValue
    weights: NDArray[np.float64] | None = None

    def check_weights(self) -> None:
        """Raise if a held-out set has no weight: its score would be undefined."""
        for i, split in enumerate(self.splits):
            if self.weights is not None and not self.weights[split.test].any():
                raise ValueError(
                    f"`sample_weight` must have a positive entry in each held-out set; got zeros only in that of split {i}. "
                    "Pass other splits as `cv`, or leave out the samples of weight 0."
                )

    def configure(self, params: dict[str, Any]) -> Any:
        """Return a new estimator with these parameters, and with the seed of the sweep if it has none."""
        estimator = clone(self.estimator).set_params(**params)
        classifier = classifier_of(estimator)
        if classifier.random_state is None:
            classifier.set_params(random_state=self.seed)
        return estimator

    def fit_split(self, params: dict[str, Any], split: Split, callbacks: Sequence[Callback]) -> Any:
        """Fit to the training samples of a split; its held-out samples are the validation set of each epoch."""
        estimator = self.configure(params)
        classifier = classifier_of(estimator)
        classifier.set_params(callbacks=(*as_callbacks(classifier.callbacks), *callbacks))
        X, y = self.X[split.train], self.y[split.train]
        held_out = self.X[split.test]
        if len(getattr(estimator, "steps", ())) > 1:
            transformers = estimator[:-1]
            X = transformers.fit_transform(X, y)
            estimator.steps[:-1] = transformers.steps  # a pipeline with `memory` fits copies
            held_out = transformers.transform(held_out)
        validation_data = (held_out, self.y[split.test])
        classifier.fit(X, y, sample_weight=self._weights_of(split.train), validation_data=validation_data)
        return estimator

    def refit(self, params: dict[str, Any], X: Any, lengths: Any) -> Any:
        """Fit to all samples.

        A classifier gets the user's `X`, so that it knows the columns of a table; a pipeline gets sequences, as in the trials,
        unless its first step checks the names of columns and reads `X` as the sweep did.
        """
        estimator = self.configure(params)
        if not hasattr(estimator, "steps"):
            return estimator.fit(X, self.y, lengths=lengths, sample_weight=self.weights)
        first, classifier = estimator[0], classifier_of(estimator)
        is_named = lengths is None and ColumnNames.of(X).names is not None
        is_scaler = isinstance(first, ZScore | MinMax)
        # As text, NaN equals NaN.
        is_alike = is_scaler and repr(first.padding_value) == repr(classifier.padding_value)
        weights = {} if self.weights is None else {f"{estimator.steps[-1][0]}__sample_weight": self.weights}
        return estimator.fit(X if is_named and is_alike else self.X, self.y, **weights)

    def score(self, estimator: Any, split: Split) -> float:
        """Return the score on the held-out samples."""
        weights = {} if self.weights is None else {"sample_weight": self.weights[split.test]}
        return float(get_scorer(self.scoring)(estimator, self.X[split.test], self.y[split.test], **weights))

    def report(self, estimator: Any, split: Split) -> Report:
        """Return the full report on the held-out samples, without their weights."""
        proba = estimator.predict_proba(self.X[split.test])
        predicted = estimator.classes_[proba.argmax(axis=1)]
        return evaluate(self.y[split.test], predicted, proba, labels=estimator.classes_)

    def _weights_of(self, index: NDArray[np.int64]) -> NDArray[np.float64] | None:
        return None if self.weights is None else self.weights[index]

    @property
    def scoring_name(self) -> str:
        """The name of the score."""
        return self.scoring if isinstance(self.scoring, str) else describe(self.scoring)

    def n_intermediate_values(self, params: dict[str, Any]) -> int | None:
        """Return how many values a complete trial reports; None if `max_epochs` is not a number."""
        max_epochs = classifier_of(self.configure(params)).max_epochs
        n_means = len(self.splits) if self.epoch_value.is_score and len(self.splits) > 1 else 0
        return None if isinstance(max_epochs, str) else max_epochs + n_means

    def identity(self) -> dict[str, str]:
        """Return what all trials of a study must share for their scores to be comparable."""
        digest = hashlib.blake2b(digest_size=16)
        tokens = self.X.tokens
        tensors = (self.X.values, self.X.offsets, self.X.static, None if tokens is None else tokens.codes)
        arrays = [tensor.cpu().numpy() for tensor in tensors if tensor is not None]
        if tokens is not None:
            digest.update(repr(tokens.vocabularies).encode())
        for array in arrays if self.weights is None else [*arrays, self.weights]:
            digest.update(np.ascontiguousarray(array).data)
        digest.update("\0".join(map(str, self.y.tolist())).encode())
        for split in self.splits:
            for indices in split:
                digest.update(f"{len(indices)}:".encode() + np.ascontiguousarray(indices).tobytes())
        params = {
            # The parameters of a step are listed after the step itself.
            name: type(value) if hasattr(value, "get_params") else value
            for name, value in self.estimator.get_params(deep=True).items()
            if name.split("__")[-1] not in _IRRELEVANT and name != "steps"
        }
        return {
            "samples and splits": digest.hexdigest(),
            "scoring": self.scoring_name,
            "estimator": f"{type(self.estimator).__name__}: {describe(params)}",
        }
