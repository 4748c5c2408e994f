"""Epochs and reports -> numbers with a name, and rows of a table."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from seqclf.evaluation import Report
from seqclf.training import EpochRecord


def epoch_figures(record: EpochRecord) -> dict[str, float]:
    """Return what is known of an epoch, by the names of `history_`; its number is left out."""
    return {name: value for name, value in asdict(record).items() if name != "epoch" and value is not None}


def report_figures(report: Report) -> dict[str, float]:
    """Return the scores of a report, in a section of their own: `report/accuracy`, `report/f1/N`."""
    figures: dict[str, float | None] = {
        "accuracy": report.accuracy,
        "macro_f1": report.macro_f1,
        "balanced_accuracy": report.balanced_accuracy,
        "mcc": report.mcc,
        "kappa": report.kappa,
        "macro_roc_auc": report.macro_roc_auc,
    }
    for name, scores in report.per_class.items():
        figures |= {
            f"precision/{name}": scores.precision,
            f"recall/{name}": scores.recall,
            f"f1/{name}": scores.f1,
        }
    return {f"report/{name}": value for name, value in figures.items() if value is not None}


def report_rows(report: Report) -> list[list[Any]]:
    """Return a header, a row for each class, and the rows of accuracy and of the means."""
    rows: list[list[Any]] = [["class", "precision", "recall", "f1", "support"]]
    rows += [[name, s.precision, s.recall, s.f1, s.support] for name, s in report.per_class.items()]
    n = report.n_samples
    rows.append(["accuracy", None, None, report.accuracy, n])
    for name, mean in (("macro avg", report.macro), ("weighted avg", report.weighted)):
        rows.append([name, mean.precision, mean.recall, mean.f1, n])
    return rows


def confusion_rows(report: Report) -> list[list[Any]]:
    """Return a header of predicted classes, and a row of counts for each true class."""
    counts = report.confusion.tolist()
    return [
        ["true", *report.target_names],
        *([name, *row] for name, row in zip(report.target_names, counts, strict=True)),
    ]
