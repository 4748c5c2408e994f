"""Plots of trained classifiers: learning curves, and misclassified beats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from runs import Row
from seqclf.datasets import Heartbeats

FREQUENCY = 125  # samples per second
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000")


def learning_curves(rows: Mapping[str, Row]) -> Figure:
    """Plot training loss and macro F1 by epoch, for the first seed of each row."""
    figure = Figure(figsize=(11, 4.5), layout="constrained")
    panels = figure.subplots(1, 2)
    for axes, (name, title) in zip(
        panels, (("train_loss", "training loss"), ("train_macro_f1", "training macro F1")), strict=True
    ):
        for i, row in enumerate(rows.values()):
            values = row["runs"][0]["history"][name]
            style = "-" if i < 5 else "--"
            axes.plot(range(1, len(values) + 1), values, style, color=_COLORS[i % 5], label=row["title"])
        axes.set(xlabel="epoch", title=title)
        axes.grid(color="0.9")
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_yscale("log")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    return figure


def mistakes(
    beats: Heartbeats,
    index: NDArray[np.int64],
    proba: NDArray[np.floating[Any]],
    *,
    start: float = 0.0,
    kinds: int = 6,
    each: int = 3,
) -> Figure:
    """Plot the misclassified beats with the highest predicted probability, a row for each of the most frequent mistakes.

    Parameters
    ----------
    beats : Heartbeats
        All beats.
    index : array of shape (n_predicted,)
        Indices of the beats that were predicted.
    proba : array of shape (n_predicted, n_classes)
        Predicted probabilities, columns in the order of `beats.target_names`.
    start : float
        Seconds from the R peak to the first step of a beat.
    kinds, each : int
        Rows and columns of the figure.
    """
    names = np.array(beats.target_names)
    target, predicted, surest = beats.target[index], names[proba.argmax(axis=1)], proba.max(axis=1)
    pairs = [f"{true}{guess}" for true, guess in zip(target, predicted, strict=True) if true != guess]
    found, counts = np.unique(pairs, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:kinds]
    figure = Figure(figsize=(3.6 * each, 1.9 * max(1, len(order))), layout="constrained")
    panels = figure.subplots(max(1, len(order)), each, squeeze=False, sharex=True, sharey=True)
    for row, (pair, count) in zip(panels, zip(found[order], counts[order], strict=True), strict=False):
        true, guess = pair
        wrong = np.flatnonzero((target == true) & (predicted == guess))
        for axes, i in zip(row, wrong[np.argsort(-surest[wrong], kind="stable")], strict=False):
            _draw_beat(axes, beats, int(index[i]), start)
            title = f"{true} taken for {guess}, p = {surest[i]:.2f}{known_of(beats, int(index[i]))}"
            axes.set_title(title, fontsize=7.5, loc="left")
        row[0].set_ylabel(f"{count} {true} as {guess}", fontsize=8)
        for axes in row[len(wrong) :]:
            axes.set_visible(False)
    for axes in panels[-1]:
        axes.set_xlabel("seconds from the R peak", fontsize=8)
    return figure


def _draw_beat(axes: Any, beats: Heartbeats, i: int, start: float) -> None:
    """Plot the real steps of a beat and mark their end."""
    values = beats.sequences[i][:, 0].numpy()
    axes.plot(start + np.arange(len(values)) / FREQUENCY, values, color="#0072B2", linewidth=1.2)
    axes.axvline(start + len(values) / FREQUENCY, color="0.8", linewidth=1)  # nothing after this was read
    axes.tick_params(labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)


def known_of(beats: Heartbeats, i: int) -> str:
    """Return the record of a beat and the intervals around it, as text."""
    record = "" if beats.record is None else f", record {beats.record[i]}"
    if beats.rr_intervals is None:
        return record
    before, after, usual = beats.rr_intervals[i]
    return f"{record}\n{before / usual:.0%} of the usual interval before, {after / usual:.0%} after"
