"""Drops of a logit -> plot: the signal on a coloured background, and the drops beside those of the controls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from seqclf.evaluation._plotting import COLORS, new_figure
from seqclf.evaluation._scores import FloatArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_occlusion(
    title: str, names: tuple[str, ...], values: FloatArray, drops: FloatArray, control_drops: FloatArray
) -> Figure:
    """Plot the signal above the drops; per feature, a row for each with the drops on the right."""
    per_feature = drops.ndim == 2
    columns = drops.reshape(len(drops), -1)
    controls = _scaled(control_drops.reshape(-1, *columns.shape), columns)
    largest = float(np.abs(columns).max()) or 1.0
    if per_feature:
        n = columns.shape[1]
        figure = new_figure(11.0, 0.9 + 1.5 * n)
        panels = figure.subplots(n, 2, sharex=True, squeeze=False)
        panels[0, 0].set_title("signal; darker where the prediction depends on it", fontsize=10)
        for i, name in enumerate(names):
            _draw_signal(panels[i, 0], values[:, i : i + 1], (name,), columns[:, i], largest)
            panels[i, 0].set_ylabel(name)
            _draw_drops(panels[i, 1], columns[:, i], controls[..., i], largest)
    else:
        figure = new_figure(8.0, 4.6)
        panels = figure.subplots(2, 1, sharex=True, squeeze=False, height_ratios=(3, 2))
        _draw_signal(panels[0, 0], values, names, columns[:, 0], largest)
        _draw_drops(panels[1, 0], columns[:, 0], controls[..., 0], largest)
        panels[1, 0].set_ylabel("drop of the logit")
    figure.suptitle(title, fontsize=11)
    for axes in panels[-1]:
        axes.set_xlabel("step")
    figure.legend(
        *panels[-1, -1].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False
    )
    return figure


def _scaled(controls: FloatArray, drops: FloatArray) -> FloatArray:
    """Scale the drops of each control to the largest drop of the model."""
    sizes = np.abs(controls).max(axis=(1, 2), initial=0.0)
    factor = np.abs(drops).max() / np.where(sizes > 0, sizes, 1.0)
    return np.asarray(controls * factor[:, None, None])


def _draw_signal(
    axes: Any, values: FloatArray, names: tuple[str, ...], drops: FloatArray, largest: float
) -> None:
    """Draw the features over a background whose colour is the drop of each step."""
    steps = np.arange(len(drops))
    edges = np.append(steps, len(drops)) - 0.5
    axes.pcolormesh(
        *(edges, [0, 1], drops[None]),
        transform=axes.get_xaxis_transform(),
        cmap="PuOr_r",
        vmin=-max(largest, 1.0),  # a drop far below 1 stays pale
        vmax=max(largest, 1.0),
        alpha=0.75,
        linewidth=0,
        rasterized=True,
    )
    for i, column in enumerate(values.T):
        color = "black" if values.shape[1] == 1 else COLORS[i % len(COLORS)]
        label = names[i] if values.shape[1] > 1 else None
        axes.plot(steps, column, color=color, linewidth=1.4, label=label)
    if 1 < values.shape[1] <= 9:
        axes.legend(fontsize=8, ncols=3, frameon=False)
    axes.set_xlim(-0.5, len(drops) - 0.5)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_drops(axes: Any, drops: FloatArray, controls: FloatArray, largest: float) -> None:
    """Draw the drop of each step, and those of the controls in grey."""
    axes.axhline(0, color="0.6", linewidth=0.8)
    for i, control in enumerate(controls):
        label = "random weights, scaled" if i == 0 else None
        axes.plot(control, color="0.72", linewidth=0.9, label=label)
    axes.plot(drops, color=COLORS[3], linewidth=1.8, label="drop of the logit")
    axes.set_ylim(-1.08 * largest, 1.08 * largest)
    axes.spines[["top", "right"]].set_visible(False)
