"""Confusion matrix and scores of each class -> plot: each row of the matrix is continued by its scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from seqclf.evaluation._counts import Counts
from seqclf.evaluation._plotting import COLORS, new_figure
from seqclf.evaluation._scores import ClassScores, accuracy, average_scores

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_CLASSES = 100
"""More would take a picture of several meters, and minutes."""

_SCORES = {"precision": "precision", "recall": "recall", "f1": "F1"}


def plot_report(counts: Counts, per_class: Mapping[str, ClassScores]) -> Figure:
    """Plot the confusion matrix beside horizontal bars, one row per class."""
    n = len(per_class)
    if n > MAX_CLASSES:
        raise ValueError(
            f"A plot shows at most {MAX_CLASSES} classes; got {n}. Evaluate fewer of them together, or plot `report.per_class`."
        )
    cell = 0.95 if n <= 3 else 0.75 if n <= 7 else 0.6  # inches
    longest = max(map(len, per_class))
    margin = 1.0 + 0.08 * longest  # for the names
    figure = new_figure(
        cell * n + margin + 4.2, max(2.6, cell * n + 1.1 + (0.07 * longest if longest > 5 else 0))
    )
    matrix_axes, bar_axes = figure.subplots(1, 2, sharey=True, width_ratios=[max(cell * n, 1.6), 3.6])
    _draw_confusion(matrix_axes, counts, list(per_class))
    _draw_bars(bar_axes, per_class)
    return figure


def _draw_confusion(axes: Any, counts: Counts, names: list[str]) -> None:
    """Draw counts on colours that show the share of the true class."""
    n, matrix = len(names), counts.matrix()
    show_share, fontsize = n <= 7, 9 if n <= 7 else 8
    shares = matrix / np.maximum(counts.support[:, None], 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (i, j), share in np.ndenumerate(shares):
        text = f"{matrix[i, j]:,}" + (f"\n{share:.1%}" if show_share and matrix[i, j] else "")
        color = "white" if share > 0.6 else "black" if matrix[i, j] else "0.5"
        axes.text(j, i, text, ha="center", va="center", color=color, fontsize=fontsize)
    rotated = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    axes.set_xticks(range(n), names, **(rotated if max(map(len, names)) > 5 else {}))
    axes.set_yticks(range(n), names)
    axes.tick_params(length=0)
    axes.set_xticks(np.arange(1, n) - 0.5, minor=True)
    axes.set_yticks(np.arange(1, n) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    axes.tick_params(which="minor", length=0)
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.set_title(f"{counts.n_samples:,} samples, accuracy {accuracy(counts):.4f}", fontsize=10)


def _draw_bars(axes: Any, per_class: Mapping[str, ClassScores]) -> None:
    """Draw three bars for each class, aligned with its row of the matrix."""
    rows, height = np.arange(len(per_class)), 0.26
    macro_f1 = average_scores(per_class.values(), weighted=False).f1
    for k, (score, title) in enumerate(_SCORES.items()):
        values = [getattr(scores, score) for scores in per_class.values()]
        places = rows + (k - 1) * height
        axes.barh(places, values, height * 0.92, color=COLORS[k], label=title)
        for place, value in zip(places, values, strict=True):
            axes.text(1.02, place, f"{value:.2f}", va="center", fontsize=7)
    axes.axvline(macro_f1, color="black", linewidth=1, linestyle="--")
    axes.set_xlim(0, 1.1)
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.tick_params(axis="y", which="both", length=0)
    axes.set_axisbelow(True)
    axes.grid(axis="x", color="0.9")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel(f"score (dashed line: macro F1 {macro_f1:.3f})")
    axes.legend(loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=3, frameon=False, fontsize=9)
