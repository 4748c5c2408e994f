"""Scores of prefixes -> plot: accuracy and macro F1 against the share read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seqclf.evaluation._early_scores import EarlyScores
from seqclf.evaluation._plotting import COLORS, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_earliness(at_shares: tuple[EarlyScores, ...], at_thresholds: tuple[EarlyScores, ...]) -> Figure:
    """Plot a panel for each score: a line over fixed shares, and a point for each threshold."""
    figure = new_figure(9.6, 3.9)
    panels = figure.subplots(1, 2, sharex=True)
    for axes, (name, title) in zip(panels, (("accuracy", "accuracy"), ("macro_f1", "macro F1")), strict=True):
        x = [scores.share_read for scores in at_shares]
        axes.plot(x, [getattr(s, name) for s in at_shares], ".-", color=COLORS[0], label="fixed share")
        _draw_thresholds(axes, at_thresholds, name)
        axes.set(xlabel="share of the sequence read", title=title, xlim=(0, 1.02))
        axes.xaxis.set_major_formatter("{x:.0%}")
        axes.grid(color="0.92")
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    handles = panels[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=2, frameon=False)
    return figure


def _draw_thresholds(axes: Any, at_thresholds: tuple[EarlyScores, ...], name: str) -> None:
    """Draw a diamond for each threshold, with its value above it where it does not hide another."""
    if not at_thresholds:
        return
    x, y = [s.share_read for s in at_thresholds], [getattr(s, name) for s in at_thresholds]
    axes.plot(x, y, "D", color=COLORS[3], label="first probability above a threshold", markersize=5)
    last = -1.0
    for scores, place, height in zip(at_thresholds, x, y, strict=True):
        if abs(place - last) < 0.04:
            continue
        last = place
        axes.annotate(
            f"{scores.value:g}",
            (place, height),
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            color=COLORS[3],
        )
