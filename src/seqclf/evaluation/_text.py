"""Report -> text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqclf.evaluation._tables import markdown_table, number

if TYPE_CHECKING:
    from seqclf.evaluation._report import Report


def report_text(report: Report, digits: int) -> str:
    """Write scikit-learn's `classification_report`, then the scores it lacks."""
    width = max(*map(len, report.target_names), len("weighted avg"), digits)

    def line(name: str, *cells: str) -> str:
        return f"{name:>{width}s} " + "".join(f" {cell:>9}" for cell in cells)

    n = str(report.n_samples)
    lines = [line("", "precision", "recall", "f1-score", "support"), ""]
    for name, scores in report.per_class.items():
        numbers = (number(value, digits) for value in (scores.precision, scores.recall, scores.f1))
        lines.append(line(name, *numbers, str(scores.support)))
    lines += ["", line("accuracy", "", "", number(report.accuracy, digits), n)]
    for name, mean in (("macro avg", report.macro), ("weighted avg", report.weighted)):
        lines.append(
            line(name, *(number(value, digits) for value in (mean.precision, mean.recall, mean.f1)), n)
        )
    lines += ["", _summary(report, digits)]
    if _has_areas(report):
        lines += ["", line("", "roc auc", "avg prec"), ""]
        for name, scores in report.per_class.items():
            lines.append(
                line(name, *(number(value, digits) for value in (scores.roc_auc, scores.average_precision)))
            )
        means = (report.macro_roc_auc, report.macro_average_precision)
        lines += ["", line("macro avg", *(number(value, digits) for value in means))]
    return "\n".join(lines)


def report_markdown(report: Report, digits: int) -> str:
    """Write the same figures as a Markdown table, a line of summary below it."""
    header = ["class", "precision", "recall", "F1", "specificity", "support"]
    areas = _has_areas(report)
    rows = []
    for name, scores in report.per_class.items():
        values = [scores.precision, scores.recall, scores.f1, scores.specificity]
        row = [name, *(number(value, digits) for value in values), str(scores.support)]
        rows.append(row + [number(v, digits) for v in (scores.roc_auc, scores.average_precision) if areas])
    n = str(report.n_samples)
    rows.append(["accuracy", "", "", number(report.accuracy, digits), "", n, *([""] * 2 * areas)])
    for name, mean in (("macro avg", report.macro), ("weighted avg", report.weighted)):
        cells = [name, *(number(value, digits) for value in (mean.precision, mean.recall, mean.f1)), "", n]
        means = (report.macro_roc_auc, report.macro_average_precision)
        rows.append(cells + [number(v, digits) if name == "macro avg" else "" for v in means if areas])
    if areas:
        header += ["ROC-AUC", "average precision"]
    return markdown_table(header, rows) + "\n\n" + _summary(report, digits)


def _summary(report: Report, digits: int) -> str:
    """Write the scores of the whole matrix in one line."""
    return (
        f"balanced accuracy {number(report.balanced_accuracy, digits)}, "
        f"Matthews correlation {number(report.mcc, digits)}, Cohen's kappa {number(report.kappa, digits)}"
    )


def _has_areas(report: Report) -> bool:
    """Tell whether probabilities were given."""
    return any(value is not None for value in report.average_precision)
