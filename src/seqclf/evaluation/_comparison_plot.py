"""Comparison -> picture: a bar for each model in each column."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from seqclf.evaluation._plotting import COLORS, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from seqclf.evaluation._comparison import Comparison

_BARS_PER_ROW = 96  # more are too thin to read


def plot_comparison(comparison: Comparison) -> Figure:
    """Draw groups of bars, over as many rows as they need to stay legible."""
    n_models, n_columns = comparison.values.shape
    per_row = math.ceil(n_columns / math.ceil(n_columns * (n_models + 1) / _BARS_PER_ROW))
    n_rows = math.ceil(n_columns / per_row)
    width = min(14.0, max(7.0, 0.2 * per_row * (n_models + 1) + 1.0))
    longest = max(map(len, comparison.models))
    legend_columns = max(1, min(n_models, int(13 * width / (longest + 8))))  # some 13 letters to an inch
    figure = new_figure(width, 2.5 * n_rows + 0.4 + 0.2 * math.ceil(n_models / legend_columns))
    all_axes = figure.subplots(n_rows, 1, squeeze=False, sharey=True)[:, 0]
    looks = _looks(comparison)
    for row, axes in enumerate(all_axes):
        _draw_row(axes, comparison, looks, row * per_row, per_row)
    handles, names = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=legend_columns, frameon=False, fontsize=8)
    return figure


def _draw_row(
    axes: Any, comparison: Comparison, looks: list[dict[str, Any]], start: int, per_row: int
) -> None:
    """Draw the bars of `per_row` columns; the last row keeps the bar width of the others."""
    values = comparison.values[:, start : start + per_row]
    n_models, n_columns = values.shape
    places, width = np.arange(n_columns), 0.84 / n_models
    for i, (name, look) in enumerate(zip(comparison.models, looks, strict=True)):
        x = places + (i - (n_models - 1) / 2) * width
        heights = np.nan_to_num(values[i])
        axes.bar(x, heights, width * 0.9, label=name, **look)
        for place, height, value in zip(x, heights, values[i], strict=True):
            text, color = ("n/a", "0.5") if np.isnan(value) else (f"{value:.2f}", "black")
            axes.text(place, height + 0.02, text, ha="center", rotation=90, fontsize=6.5, color=color)
    titles = [column.replace(" ", "\n", 1) for column in comparison.columns[start : start + per_row]]
    axes.set_xlim(-0.6, per_row - 0.4)
    axes.set_ylim(0, 1.18)  # room for the numbers
    axes.set_yticks(np.linspace(0, 1, 6))
    axes.set_xticks(places, titles, fontsize=8)
    axes.tick_params(axis="x", length=0)
    axes.set_axisbelow(True)
    axes.grid(axis="y", color="0.9")
    axes.spines[["top", "right"]].set_visible(False)


def _looks(comparison: Comparison) -> list[dict[str, Any]]:
    """Choose how each model looks: a common reference is grey, one of its own is a pale shade of its model."""
    referred = {name for name in comparison.references if name is not None}
    models = [name for name in comparison.models if name not in referred]
    looks: dict[str, dict[str, Any]] = {}
    for i, name in enumerate(models):
        turn, color = divmod(i, len(COLORS))
        looks[name] = {"color": COLORS[color], "hatch": ("", "///", "...", "xxx")[turn % 4]}
    for name, reference in zip(comparison.models, comparison.references, strict=True):
        if reference is not None and len(referred) > 1 and name in models:
            looks.setdefault(reference, looks[name] | {"alpha": 0.4})
    return [looks.get(name, {"color": "0.72"}) for name in comparison.models]
