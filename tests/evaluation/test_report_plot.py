"""The plot of a report shows its scores, and all text is legible."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from seqclf.evaluation import Report

FIVE = Report(
    labels=("N", "S", "V", "F", "Q"),
    target_names=("N", "S", "V", "F", "Q"),
    confusion=np.array(
        [
            [90000, 60, 40, 20, 10],
            [150, 400, 6, 0, 0],
            [60, 5, 1350, 30, 3],
            [30, 0, 10, 122, 0],
            [10, 0, 8, 0, 1590],
        ]
    ),
)


def with_classes(names: list[str]) -> Report:
    n = len(names)
    confusion = np.full((n, n), 90000)
    return Report(labels=tuple(names), target_names=tuple(names), confusion=confusion)


def drawn(report: Report) -> Figure:
    figure = report.plot()
    figure.draw_without_rendering()
    return figure


def luminance(rgb: Any) -> float:
    """Relative luminance of a colour, in [0, 1]."""
    return float(np.dot([0.2126, 0.7152, 0.0722], np.power(rgb, 2.2)))


def test_every_count_is_shown_with_its_share_of_the_row() -> None:
    texts = [text.get_text() for text in drawn(FIVE).axes[0].texts]
    assert len(texts) == 25
    assert "150\n27.0%" in texts
    assert texts[8] == "0"


def test_cell_colours_are_shares_of_the_row() -> None:
    shares = np.asarray(drawn(FIVE).axes[0].images[0].get_array())
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert shares[3, 3] == 122 / 162


@pytest.mark.parametrize("percent", [0, 10, 30, 50, 55, 60, 65, 80, 90])
def test_text_stands_out_from_its_cell(percent: int) -> None:
    confusion = np.array([[percent, 100 - percent], [100 - percent, percent]])
    report = Report(labels=(0, 1), target_names=("N", "V"), confusion=confusion)
    axes = report.plot().axes[0]
    image = axes.images[0]
    cells = np.asarray(image.to_rgba(np.asarray(image.get_array())))[..., :3].reshape(4, 3)
    for text, cell in zip(axes.texts, cells, strict=True):
        dark, light = sorted([luminance(to_rgb(text.get_color())), luminance(cell)])
        assert (light + 0.05) / (dark + 0.05) > 3  # contrast ratio of WCAG


def test_bars_are_the_scores_of_each_class() -> None:
    bars = drawn(FIVE).axes[1].containers
    assert len(bars) == 3
    recall = [bar.get_width() for bar in bars[1]]
    assert recall == [scores.recall for scores in FIVE.per_class.values()]


@pytest.mark.parametrize(
    "names",
    [
        ["N", "V"],
        ["normal", "arrhythmia"],
        list("NSVFQ"),
        [f"class {i}" for i in range(12)],
        [f"a rather long name of class {i}" for i in range(12)],
    ],
)
def test_counts_fit_into_their_cells(names: list[str]) -> None:
    figure = drawn(with_classes(names))
    axes = figure.axes[0]
    cell = axes.get_window_extent().width / len(names)
    row = axes.get_window_extent().height / len(names)
    for text in axes.texts:
        assert text.get_window_extent().width < cell
        assert text.get_window_extent().height < row


@pytest.mark.parametrize("names", [["N", "V"], [f"a rather long name of class {i}" for i in range(12)]])
def test_everything_is_inside_the_plot(names: list[str]) -> None:
    figure = drawn(with_classes(names))
    for axes in figure.axes:
        box = axes.get_tightbbox()
        assert box is not None
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= figure.bbox.width
        assert box.y1 <= figure.bbox.height


def test_a_class_without_samples_can_be_drawn() -> None:
    drawn(Report(labels=(0, 1), target_names=("N", "V"), confusion=np.array([[3, 1], [0, 0]])))
