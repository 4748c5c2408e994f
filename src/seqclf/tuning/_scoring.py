"""One set of parameters -> its score on samples it was not fitted to."""

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
from seqclf.evaluation import Split, evaluate, stratified_split
from seqclf.sequences import Sequences, as_sequences, warn_of_swapped_axes
from seqclf.training import Callback, EpochRecord
from seqclf.tuning._spaces import look

Scoring = str | Callable[[Any, Any, Any], float]

EPOCHS_HAVE = ("f1_macro", "accuracy")
"""Scores that training computes after each epoch. For any other one epochs are compared by their loss."""

_OF_NO_MATTER = ("callbacks", "verbose", "device", "engine", "memory")
"""Parameters that change no score."""

VALIDATION_SHARE = 0.2
"""Of the samples, where no cross-validation is asked for."""


def classifier_of(estimator: Any) -> SequenceClassifier:
    """Return the recurrent classifier that an estimator is, or that a pipeline ends in."""
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    if not isinstance(last, SequenceClassifier):
        raise TypeError(
            "`estimator` must be a recurrent classifier of seqclf, or a pipeline that ends in one; got "
            f"{type(last).__name__}. Use Optuna or scikit-learn's searches for other estimators."
        )
    return last


def read_sequences(estimator: Any, X: Any, lengths: Any) -> Sequences:
    """Convert samples once, as the estimator would: each trial is then a selection of them."""
    warn_of_swapped_axes(X, stacklevel=3)
    return as_sequences(X, lengths=lengths, padding_value=classifier_of(estimator).padding_value)


def splits_of(cv: Any, y: NDArray[Any], seed: int) -> list[Split]:
    """Return the parts to fit and to score on: a stratified fifth for None, folds for a number, or what a splitter gives."""
    if cv is None:
        return [stratified_split(y, test_size=VALIDATION_SHARE, random_state=seed)]
    if isinstance(cv, Integral):
        cv = StratifiedKFold(int(cv), shuffle=True, random_state=seed)
    splitter = check_cv(cv, y, classifier=True)
    parts = [Split(train=train, test=test) for train, test in splitter.split(np.zeros(len(y)), y)]
    if not parts:
        raise ValueError(
            "`cv` must give at least one part; got none. An iterator gives its parts only once: pass a list."
        )
    return parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Trainer:
    """The samples, the parts and the score that all trials share."""

    estimator: Any
    X: Sequences
    y: NDArray[Any]
    splits: Sequence[Split]
    scoring: Scoring
    seed: int

    def configured(self, parameters: dict[str, Any]) -> Any:
        """Return a new estimator with these parameters; without a seed of its own it gets that of the sweep."""
        estimator = clone(self.estimator).set_params(**parameters)
        classifier = classifier_of(estimator)
        if classifier.random_state is None:
            classifier.set_params(random_state=self.seed)
        return estimator

    def fit_part(self, parameters: dict[str, Any], split: Split, callbacks: Sequence[Callback]) -> Any:
        """Fit to one part, scored on the other after each epoch."""
        estimator = self.configured(parameters)
        classifier = classifier_of(estimator)
        classifier.set_params(callbacks=(*classifier.callbacks, *callbacks))
        X, y = self.X[split.train], self.y[split.train]
        held = self.X[split.test]
        # What stands before the network is fitted to the same part.
        if len(getattr(estimator, "steps", ())) > 1:
            before = estimator[:-1]
            X = before.fit_transform(X, y)
            estimator.steps[:-1] = before.steps  # with `memory` it fits copies
            held = before.transform(held)
        classifier.fit(X, y, validation_data=(held, self.y[split.test]))
        return estimator

    def fit_all(self, parameters: dict[str, Any], X: Any, lengths: Any) -> Any:
        """Fit to all samples; to X as it came, so that the classifier knows the columns of a table.

        A pipeline gets them as its trials did.
        """
        estimator = self.configured(parameters)
        if hasattr(estimator, "steps"):
            return estimator.fit(self.X, self.y)
        return estimator.fit(X, self.y, lengths=lengths)

    def score(self, estimator: Any, split: Split) -> float:
        """Return the score on the part that was held out."""
        return float(get_scorer(self.scoring)(estimator, self.X[split.test], self.y[split.test]))

    def report(self, estimator: Any, split: Split) -> Any:
        """Return the whole report on the part that was held out."""
        proba = estimator.predict_proba(self.X[split.test])
        predicted = estimator.classes_[proba.argmax(axis=1)]
        return evaluate(self.y[split.test], predicted, proba, labels=estimator.classes_)

    @property
    def name_of_score(self) -> str:
        """What is to be large, in words."""
        return self.scoring if isinstance(self.scoring, str) else look(self.scoring)

    def of_epoch(self, record: EpochRecord) -> float:
        """Return what a trial is compared by after each epoch: the score itself where training computes it."""
        if self.scoring == "f1_macro" and record.valid_macro_f1 is not None:
            return record.valid_macro_f1
        if self.scoring == "accuracy" and record.valid_accuracy is not None:
            return record.valid_accuracy
        return -record.monitored_loss

    def identity(self) -> dict[str, str]:
        """Return what all trials of a study must have in common, for their scores to be comparable."""
        digest = hashlib.blake2b(digest_size=16)
        tensors = (self.X.values, self.X.offsets, self.X.static)
        for part in (tensor.cpu().numpy() for tensor in tensors if tensor is not None):
            digest.update(np.ascontiguousarray(part).data)
        digest.update("\0".join(map(str, self.y.tolist())).encode())
        for split in self.splits:
            for part in split:
                digest.update(f"{len(part)}:".encode() + np.ascontiguousarray(part).tobytes())
        parameters = {
            # Of a step its own parameters follow.
            name: type(value) if hasattr(value, "get_params") else value
            for name, value in self.estimator.get_params(deep=True).items()
            if name.split("__")[-1] not in _OF_NO_MATTER and name != "steps"
        }
        return {
            "samples and parts": digest.hexdigest(),
            "scoring": self.name_of_score,
            "estimator": f"{type(self.estimator).__name__}: {look(parameters)}",
        }
