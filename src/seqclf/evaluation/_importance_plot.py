"""Permutation importances -> plot: one bar per feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seqclf.evaluation._plotting import COLORS, new_figure
from seqclf.evaluation._scores import FloatArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_importances(names: tuple[str, ...], mean: FloatArray, std: FloatArray) -> Figure:
    """Plot horizontal bars, the most important feature first."""
    order = np.argsort(mean, kind="stable")
    figure = new_figure(6.4, 1.2 + 0.3 * len(names))
    axes = figure.subplots()
    places = range(len(names))  # two features may have one name, which would be one bar
    axes.barh(places, mean[order], xerr=std[order], color=COLORS[0])
    axes.set_yticks(places, [names[i] for i in order])
    axes.axvline(0, color="black", linewidth=1)
    axes.set_xlabel("loss of score if the feature is permuted")
    axes.spines[["top", "right"]].set_visible(False)
    return figure
