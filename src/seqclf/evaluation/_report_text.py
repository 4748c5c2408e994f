"""Counts and scores of each class -> text."""

from __future__ import annotations

from seqclf.evaluation import _scores
from seqclf.evaluation._counts import Counts
from seqclf.evaluation._per_class import PerClass
from seqclf.evaluation._tables import markdown_table, number


def report_text(counts: Counts, per_class: PerClass, digits: int) -> str:
    """Write scikit-learn's `classification_report`, then the scores it lacks."""
    width = max(*map(len, per_class), len("weighted avg"), digits)

    def line(name: str, *cells: str) -> str:
        return f"{name:>{width}s} " + "".join(f" {cell:>9}" for cell in cells)

    n = str(counts.n_samples)
    lines = [line("", "precision", "recall", "f1-score", "support"), ""]
    for name, scores in per_class.items():
        values = (scores.precision, scores.recall, scores.f1)
        lines.append(line(name, *(number(value, digits) for value in values), str(scores.support)))
    lines += ["", line("accuracy", "", "", number(_scores.accuracy(counts), digits), n)]
    for name, weighted in (("macro avg", False), ("weighted avg", True)):
        mean = _scores.average_scores(per_class.values(), weighted=weighted)
        values = (mean.precision, mean.recall, mean.f1)
        lines.append(line(name, *(number(value, digits) for value in values), n))
    lines += ["", _summary(counts, digits)]
    if _has_areas(per_class):
        lines += ["", line("", "roc auc", "avg prec"), ""]
        for name, scores in per_class.items():
            areas = (scores.roc_auc, scores.average_precision)
            lines.append(line(name, *(number(area, digits) for area in areas)))
        lines += ["", line("macro avg", *(number(mean, digits) for mean in _mean_areas(per_class)))]
    return "\n".join(lines)


def report_markdown(counts: Counts, per_class: PerClass, digits: int) -> str:
    """Write the same as a Markdown table, with the summary below."""
    header = ["class", "precision", "recall", "F1", "specificity", "support"]
    has_areas = _has_areas(per_class)
    rows = []
    for name, scores in per_class.items():
        values = [scores.precision, scores.recall, scores.f1, scores.specificity]
        areas = [scores.roc_auc, scores.average_precision] if has_areas else []
        cells = [number(value, digits) for value in values] + [str(scores.support)]
        rows.append([name, *cells, *(number(area, digits) for area in areas)])
    n = str(counts.n_samples)
    empty = ["", ""] if has_areas else []
    rows.append(["accuracy", "", "", number(_scores.accuracy(counts), digits), "", n, *empty])
    for name, weighted in (("macro avg", False), ("weighted avg", True)):
        mean = _scores.average_scores(per_class.values(), weighted=weighted)
        cells = [number(value, digits) for value in (mean.precision, mean.recall, mean.f1)] + ["", n]
        means = [number(area, digits) for area in _mean_areas(per_class)] if has_areas else []
        rows.append([name, *cells, *(empty if weighted else means)])
    if has_areas:
        header += ["ROC-AUC", "average precision"]
    return markdown_table(header, rows) + "\n\n" + _summary(counts, digits)


def _summary(counts: Counts, digits: int) -> str:
    """Write the scores of all classes together in one line."""
    return (
        f"balanced accuracy {number(_scores.balanced_accuracy(counts), digits)}, "
        f"Matthews correlation {number(_scores.matthews_correlation(counts), digits)}, "
        f"Cohen's kappa {number(_scores.cohen_kappa(counts), digits)}"
    )


def _has_areas(per_class: PerClass) -> bool:
    """Return whether probabilities were given."""
    return any(scores.average_precision is not None for scores in per_class.values())


def _mean_areas(per_class: PerClass) -> tuple[float | None, float | None]:
    """Return the mean ROC-AUC and the mean average precision."""
    return (
        _scores.mean_of_known([scores.roc_auc for scores in per_class.values()]),
        _scores.mean_of_known([scores.average_precision for scores in per_class.values()]),
    )
