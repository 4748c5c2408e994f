"""Counts of true and predicted classes -> scores, in time linear in the number of classes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqclf.evaluation._counts import Counts
from seqclf.evaluation._labels import IntArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScores:
    """Scores of one class against all others.

    Parameters
    ----------
    precision : float in [0, 1]
        Share of the samples predicted as this class that belong to it (positive predictivity); 0.0 when it
        was never predicted.
    recall : float in [0, 1]
        Share of the samples of this class that were predicted as it (sensitivity); 0.0 when it has no samples.
    f1 : float in [0, 1]
        Harmonic mean of precision and recall; 0.0 when both are 0.
    specificity : float in [0, 1]
        Share of the samples of other classes that were not predicted as this class; 0.0 when there are none.
    support : int
        Number of samples of this class.
    roc_auc : float in [0, 1] or None
        Area under the one-versus-rest ROC curve; None without probabilities, or where it is undefined (no
        sample of this class, or no other).
    average_precision : float in [0, 1] or None
        Step-wise area under the one-versus-rest precision-recall curve; None without probabilities or
        samples.

    Examples
    --------
    >>> from seqclf.evaluation import evaluate
    >>> evaluate(["N", "N", "V", "V"], ["N", "V", "V", "V"]).per_class["N"].recall
    0.5
    """

    precision: float
    recall: float
    f1: float
    specificity: float
    support: int
    roc_auc: float | None = None
    average_precision: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AverageScores:
    """Means over the classes.

    Parameters
    ----------
    precision, recall, f1 : float in [0, 1]
        Mean of each score. The F1 is the mean of the classes' F1, not the F1 of mean precision and recall.

    Examples
    --------
    >>> from seqclf.evaluation import evaluate
    >>> evaluate(["N", "N", "V", "V"], ["N", "V", "V", "V"]).macro.recall
    0.75
    """

    precision: float
    recall: float
    f1: float


def class_scores(
    counts: Counts, roc_auc: tuple[float | None, ...], average_precision: tuple[float | None, ...]
) -> list[ClassScores]:
    """Return the scores of each class, in order."""
    hit, support, predicted = counts.hits, counts.support, counts.predicted
    others = counts.n_samples - support
    columns = zip(
        _ratio(hit, predicted).tolist(),
        _ratio(hit, support).tolist(),
        _ratio(2 * hit, support + predicted).tolist(),
        _ratio(others - (predicted - hit), others).tolist(),
        support.tolist(),
        roc_auc,
        average_precision,
        strict=True,
    )
    return [
        ClassScores(precision=p, recall=r, f1=f, specificity=s, support=n, roc_auc=auc, average_precision=ap)
        for p, r, f, s, n, auc, ap in columns
    ]


def average_scores(scores: Iterable[ClassScores], *, weighted: bool) -> AverageScores:
    """Return the means over the classes, unweighted or weighted by support."""
    scores = list(scores)
    weights = [score.support if weighted else 1 for score in scores]
    table = np.array([(score.precision, score.recall, score.f1) for score in scores])
    precision, recall, f1 = np.average(table, axis=0, weights=weights).tolist()
    return AverageScores(precision=precision, recall=recall, f1=f1)


def accuracy(counts: Counts) -> float:
    """Return the share of samples that were predicted correctly."""
    return int(counts.hits.sum()) / counts.n_samples


def balanced_accuracy(counts: Counts) -> float:
    """Return the mean recall of the classes that have samples."""
    support = counts.support
    return float(_ratio(counts.hits, support)[support > 0].mean())


def matthews_correlation(counts: Counts) -> float:
    """Return the multi-class Matthews correlation (Gorodkin 2004); 0.0 where it is undefined."""
    # Python integers: with about 3e9 samples the products below would overflow int64.
    n, hits = counts.n_samples, int(counts.hits.sum())
    true, predicted = counts.support.tolist(), counts.predicted.tolist()
    agreement = hits * n - sum(t * p for t, p in zip(true, predicted, strict=True))
    spread = (n * n - sum(t * t for t in true)) * (n * n - sum(p * p for p in predicted))
    return agreement / math.sqrt(spread) if spread else 0.0


def cohen_kappa(counts: Counts) -> float:
    """Return the agreement beyond chance (Cohen 1960); 0.0 where it is undefined."""
    n, hits = counts.n_samples, int(counts.hits.sum())
    by_chance = sum(t * p for t, p in zip(counts.support.tolist(), counts.predicted.tolist(), strict=True))
    return (hits * n - by_chance) / (n * n - by_chance) if by_chance < n * n else 0.0


def mean_of_known(values: Sequence[float | None]) -> float | None:
    """Return the mean of the values that are not None; None if there are none."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _ratio(numerator: IntArray, denominator: IntArray) -> FloatArray:
    """Divide; 0.0 where the denominator is 0."""
    return np.divide(numerator, denominator, out=np.zeros(numerator.shape), where=denominator > 0)
