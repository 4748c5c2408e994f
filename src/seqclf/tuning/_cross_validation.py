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

from seqclf.estimators import SequenceClassifier
from seqclf.evaluation import Report, Split, evaluate, stratified_split
from seqclf.sequences import ColumnNames, Sequences
from seqclf.training import Callback, EpochRecord
from seqclf.transforms import MinMax, ZScore
from seqclf.tuning._spaces import describe

Scoring = str | Callable[[Any, Any, Any], float]

EPOCH_SCORES = ("f1_macro", "accuracy")
"""Scores that training computes after each epoch. With any other score, epochs are compared by their loss."""

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
        cv = StratifiedKFold(int(cv), shuffle=True, random_state=seed)
    splitter = check_cv(cv, y, classifier=True)
    splits = [Split(train=train, test=test) for train, test in splitter.split(np.zeros(len(y)), y)]
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
        classifier.set_params(callbacks=(*classifier.callbacks, *callbacks))
        X, y = self.X[split.train], self.y[split.train]
        held_out = self.X[split.test]
        if len(getattr(estimator, "steps", ())) > 1:
            transformers = estimator[:-1]
            X = transformers.fit_transform(X, y)
            estimator.steps[:-1] = transformers.steps  # a pipeline with `memory` fits copies
            held_out = transformers.transform(held_out)
        classifier.fit(X, y, validation_data=(held_out, self.y[split.test]))
        return estimator

    def refit(self, params: dict[str, Any], X: Any, lengths: Any) -> Any:
        """Fit to all samples.

        A classifier gets the user's `X`, so that it knows the columns of a table; a pipeline gets sequences, as in the trials,
        unless its first step checks the names of columns and reads `X` as the sweep did.
        """
        estimator = self.configure(params)
        if not hasattr(estimator, "steps"):
            return estimator.fit(X, self.y, lengths=lengths)
        first, classifier = estimator[0], classifier_of(estimator)
        is_named = lengths is None and ColumnNames.of(X).names is not None
        is_alike = isinstance(first, ZScore | MinMax) and repr(first.padding_value) == repr(
            classifier.padding_value
        )  # NaN too
        return estimator.fit(X if is_named and is_alike else self.X, self.y)

    def score(self, estimator: Any, split: Split) -> float:
        """Return the score on the held-out samples."""
        return float(get_scorer(self.scoring)(estimator, self.X[split.test], self.y[split.test]))

    def report(self, estimator: Any, split: Split) -> Report:
        """Return the full report on the held-out samples."""
        proba = estimator.predict_proba(self.X[split.test])
        predicted = estimator.classes_[proba.argmax(axis=1)]
        return evaluate(self.y[split.test], predicted, proba, labels=estimator.classes_)

    @property
    def scoring_name(self) -> str:
        """The name of the score."""
        return self.scoring if isinstance(self.scoring, str) else describe(self.scoring)

    @property
    def scores_epochs(self) -> bool:
        """Whether training computes the score after each epoch."""
        return self.scoring in EPOCH_SCORES

    def intermediate_value(self, record: EpochRecord) -> float:
        """Return the value by which trials are compared after an epoch: the score if training computes it, or minus the loss."""
        if self.scoring == "f1_macro" and record.valid_macro_f1 is not None:
            return record.valid_macro_f1
        if self.scoring == "accuracy" and record.valid_accuracy is not None:
            return record.valid_accuracy
        return -record.monitored_loss

    def n_intermediate_values(self, params: dict[str, Any]) -> int | None:
        """Return how many values a complete trial reports; None if `max_epochs` is not a number."""
        max_epochs = classifier_of(self.configure(params)).max_epochs
        n_means = len(self.splits) if self.scores_epochs and len(self.splits) > 1 else 0
        return None if isinstance(max_epochs, str) else max_epochs + n_means

    def identity(self) -> dict[str, str]:
        """Return what all trials of a study must share for their scores to be comparable."""
        digest = hashlib.blake2b(digest_size=16)
        tensors = (self.X.values, self.X.offsets, self.X.static)
        for array in (tensor.cpu().numpy() for tensor in tensors if tensor is not None):
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
