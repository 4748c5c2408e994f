"""Scores of several models -> plot: a group of bars for each column, one bar per model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from seqclf.evaluation._plotting import COLORS, new_figure
from seqclf.evaluation._scores import FloatArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BARS_PER_ROW = 96  # more would be too thin to read

Looks = dict[str, dict[str, Any]]
"""Arguments of `Axes.bar` for each model, in order."""


def plot_comparison(
    models: tuple[str, ...],
    columns: tuple[str, ...],
    values: FloatArray,
    references: tuple[str | None, ...],
) -> Figure:
    """Plot groups of bars, over several rows if there are many."""
    n_models, n_columns = values.shape
    per_row = math.ceil(n_columns / math.ceil(n_columns * (n_models + 1) / _BARS_PER_ROW))
    n_rows = math.ceil(n_columns / per_row)
    width = min(14.0, max(7.0, 0.2 * per_row * (n_models + 1) + 1.0))
    longest = max(map(len, models))
    legend_columns = max(1, min(n_models, int(13 * width / (longest + 8))))  # about 13 letters per inch
    figure = new_figure(width, 2.5 * n_rows + 0.4 + 0.2 * math.ceil(n_models / legend_columns))
    all_axes = figure.subplots(n_rows, 1, squeeze=False, sharey=True)[:, 0]
    looks = _looks(models, references)
    for row, axes in enumerate(all_axes):
        shown = slice(row * per_row, (row + 1) * per_row)
        _draw_row(axes, columns[shown], values[:, shown], looks)
        axes.set_xlim(-0.6, per_row - 0.4)  # as wide in the last row, which may have fewer columns
    handles, names = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=legend_columns, frameon=False, fontsize=8)
    return figure


def _draw_row(axes: Any, columns: tuple[str, ...], values: FloatArray, looks: Looks) -> None:
    """Draw the bars of some columns."""
    n_models, n_columns = values.shape
    places, width = np.arange(n_columns), 0.84 / n_models
    for i, (name, look) in enumerate(looks.items()):
        x = places + (i - (n_models - 1) / 2) * width
        heights = np.nan_to_num(values[i])
        axes.bar(x, heights, width * 0.9, label=name, **look)
        for place, height, value in zip(x, heights, values[i], strict=True):
            text, color = ("n/a", "0.5") if np.isnan(value) else (f"{value:.2f}", "black")
            axes.text(place, height + 0.02, text, ha="center", rotation=90, fontsize=6.5, color=color)
    titles = [column.replace(" ", "\n", 1) for column in columns]
    axes.set_ylim(0, 1.18)  # leaves space for the numbers
    axes.set_ylabel("score")
    axes.set_yticks(np.linspace(0, 1, 6))
    axes.set_xticks(places, titles, fontsize=8)
    axes.tick_params(axis="x", length=0)
    axes.set_axisbelow(True)
    axes.grid(axis="y", color="0.9")
    axes.spines[["top", "right"]].set_visible(False)


def _looks(models: tuple[str, ...], references: tuple[str | None, ...]) -> Looks:
    """Choose colours: a shared reference is grey, the reference of one model is a paler shade of its colour."""
    referred = {name for name in references if name is not None}
    coloured = [name for name in models if name not in referred]
    looks: Looks = {}
    for i, name in enumerate(coloured):
        turn, color = divmod(i, len(COLORS))
        looks[name] = {"color": COLORS[color], "hatch": ("", "///", "...", "xxx")[turn % 4]}
    for name, reference in zip(models, references, strict=True):
        if reference is not None and len(referred) > 1 and name in coloured:
            looks.setdefault(reference, looks[name] | {"alpha": 0.4})
    return {name: looks.get(name, {"color": "0.72"}) for name in models}
