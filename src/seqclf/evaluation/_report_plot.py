"""Report -> picture: the confusion matrix, each row continued by the scores of its class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from seqclf.evaluation._plotting import COLORS, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from seqclf.evaluation._report import Report

_SCORES = {"precision": "precision", "recall": "recall", "f1": "F1"}


def plot_report(report: Report) -> Figure:
    """Draw the confusion matrix beside horizontal bars, one row per class."""
    n = len(report.labels)
    cell = 0.95 if n <= 3 else 0.75 if n <= 7 else 0.6  # inches
    longest = max(map(len, report.target_names))
    margin = 1.0 + 0.08 * longest  # room for the names
    figure = new_figure(
        cell * n + margin + 4.2, max(2.6, cell * n + 1.1 + (0.07 * longest if longest > 5 else 0))
    )
    matrix_axes, bar_axes = figure.subplots(1, 2, sharey=True, width_ratios=[max(cell * n, 1.6), 3.6])
    _draw_confusion(matrix_axes, report, show_share=n <= 7, fontsize=9 if n <= 7 else 8)
    _draw_bars(bar_axes, report)
    return figure


def _draw_confusion(axes: Any, report: Report, *, show_share: bool, fontsize: int) -> None:
    """Draw counts on colours that show the share of each true class."""
    counts, n = report.confusion, len(report.labels)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (i, j), share in np.ndenumerate(shares):
        text = f"{counts[i, j]:,}" + (f"\n{share:.1%}" if show_share and counts[i, j] else "")
        color = "white" if share > 0.6 else "black" if counts[i, j] else "0.5"
        axes.text(j, i, text, ha="center", va="center", color=color, fontsize=fontsize)
    longest = max(map(len, report.target_names))
    turned = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if longest > 5 else {}
    axes.set_xticks(range(n), report.target_names, **turned)
    axes.set_yticks(range(n), report.target_names)
    axes.tick_params(length=0)
    axes.set_xticks(np.arange(1, n) - 0.5, minor=True)
    axes.set_yticks(np.arange(1, n) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    axes.tick_params(which="minor", length=0)
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.set_title(f"{report.n_samples:,} samples, accuracy {report.accuracy:.4f}", fontsize=10)


def _draw_bars(axes: Any, report: Report) -> None:
    """Draw three bars for each class, level with its row of the matrix."""
    rows, height = np.arange(len(report.labels)), 0.26
    for k, (score, title) in enumerate(_SCORES.items()):
        values = [getattr(scores, score) for scores in report.per_class.values()]
        places = rows + (k - 1) * height
        axes.barh(places, values, height * 0.92, color=COLORS[k], label=title)
        for place, value in zip(places, values, strict=True):
            axes.text(1.02, place, f"{value:.2f}", va="center", fontsize=7)
    axes.axvline(report.macro_f1, color="black", linewidth=1, linestyle="--")
    axes.set_xlim(0, 1.1)
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.tick_params(axis="y", which="both", length=0)
    axes.set_axisbelow(True)
    axes.grid(axis="x", color="0.9")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel(f"score (dashed: macro F1 {report.macro_f1:.3f})")
    axes.legend(loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=3, frameon=False, fontsize=9)
