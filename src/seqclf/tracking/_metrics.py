"""Convert epochs and reports to named metrics and table rows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from seqclf.evaluation import Report
from seqclf.training import EpochRecord

MAX_CONFUSION_CLASSES = 100
"""Trackers record the confusion matrix of up to this many classes: it is quadratic in their number."""


def has_small_confusion(report: Report) -> bool:
    """Return whether a tracker records the confusion matrix of a report."""
    return len(report.labels) <= MAX_CONFUSION_CLASSES


def epoch_metrics(record: EpochRecord) -> dict[str, float]:
    """Return the metrics of an epoch under the names of `history_`, without its number."""
    return {name: value for name, value in asdict(record).items() if name != "epoch" and value is not None}


def report_metrics(report: Report) -> dict[str, float]:
    """Return the scores of a report under names such as `report/accuracy` and `report/f1/N`."""
    metrics: dict[str, float | None] = {
        "accuracy": report.accuracy,
        "macro_f1": report.macro_f1,
        "balanced_accuracy": report.balanced_accuracy,
        "mcc": report.mcc,
        "kappa": report.kappa,
        "macro_roc_auc": report.macro_roc_auc,
    }
    for name, scores in report.per_class.items():
        metrics |= {
            f"precision/{name}": scores.precision,
            f"recall/{name}": scores.recall,
            f"f1/{name}": scores.f1,
        }
    return {f"report/{name}": value for name, value in metrics.items() if value is not None}


def report_rows(report: Report) -> list[list[Any]]:
    """Return a header, one row per class, and rows for the accuracy and the averages."""
    rows: list[list[Any]] = [["class", "precision", "recall", "f1", "support"]]
    rows += [[name, s.precision, s.recall, s.f1, s.support] for name, s in report.per_class.items()]
    n = report.n_samples
    rows.append(["accuracy", None, None, report.accuracy, n])
    for name, average in (("macro avg", report.macro), ("weighted avg", report.weighted)):
        rows.append([name, average.precision, average.recall, average.f1, n])
    return rows


def confusion_rows(report: Report) -> list[list[Any]]:
    """Return a header of predicted classes and one row of counts per true class."""
    counts = report.confusion.tolist()
    return [
        ["true", *report.target_names],
        *([name, *row] for name, row in zip(report.target_names, counts, strict=True)),
    ]
