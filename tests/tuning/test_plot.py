from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from seqclf.tuning import SweepResult, TrialRecord
from seqclf.tuning._plot import _places, plot_sweep

TRIALS = (
    TrialRecord(
        number=0, status="complete", score=0.5, parameters={"lr": 0.1, "stem": None}, epochs=(0.3, 0.5)
    ),
    TrialRecord(number=1, status="pruned", parameters={"lr": 0.001, "stem": "conv"}, epochs=(0.1,)),
    TrialRecord(number=2, status="failed", parameters={"lr": 0.2, "stem": None}, reason="MemoryError: "),
    TrialRecord(
        number=3,
        status="complete",
        score=0.7,
        parameters={"lr": 0.01, "stem": "conv", "dropout": 0.2},
        epochs=(0.4, 0.7),
    ),
)


def result(trials: Any = TRIALS, **options: Any) -> SweepResult:
    return SweepResult(study_name="demo", scoring="f1_macro", trials=tuple(trials), **options)


def test_the_four_parts_show_what_was_measured() -> None:
    figure = plot_sweep(result(importances={"lr": 0.8, "stem": 0.2}))
    history, curves, coordinates, importances = figure.axes
    (best,) = history.lines
    np.testing.assert_array_equal(best.get_xydata(), [[0, 0.5], [3, 0.7]])
    assert [np.asarray(line.get_ydata(), dtype=float).tolist() for line in curves.lines] == [
        [0.3, 0.5],
        [0.1],
        [0.4, 0.7],
    ]
    assert [text.get_text() for text in coordinates.get_xticklabels()] == ["lr", "stem", "dropout"]
    bars: Any = importances.patches
    assert [bar.get_width() for bar in bars] == [0.2, 0.8]


def test_a_line_goes_through_the_values_of_its_trial() -> None:
    coordinates = plot_sweep(result()).axes[2]
    worst_first = [np.asarray(line.get_ydata(), dtype=float) for line in coordinates.lines][:3]
    np.testing.assert_allclose(worst_first[0][:2], [0.0, 1.0])  # the pruned one: smallest rate, "conv"
    np.testing.assert_allclose(worst_first[1][:2], [1.0, 0.0])  # None stands before "conv"
    np.testing.assert_allclose(worst_first[2], [0.5, 1.0, 0.5])  # 0.01 is half-way between 0.001 and 0.1


def test_names_of_many_parameters_do_not_cover_each_other() -> None:
    names = ("hidden_size", "num_layers", "lr", "label_smoothing", "bidirectional", "stem", "dropout")
    trials = [
        TrialRecord(number=i, status="complete", score=0.5 + i, parameters=dict.fromkeys(names, i))
        for i in range(2)
    ]
    figure = plot_sweep(result(trials))
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    labels = figure.axes[2].get_xticklabels()
    assert [label.get_text().strip() for label in labels] == list(names)
    boxes = [label.get_window_extent(canvas.get_renderer()) for label in labels]
    # A name that stands lower begins with an empty line, so only those of one height can meet.
    assert not any(left.overlaps(right) for left, right in zip(boxes, boxes[2:], strict=False))
    assert not any(label.get_text()[0] == "\n" for label in labels[::2])
    assert all(label.get_text()[0] == "\n" for label in labels[1::2])


def test_places_on_an_axis() -> None:
    np.testing.assert_allclose(_places([1, 2, 5]), [0, 0.25, 1])
    np.testing.assert_allclose(_places([1, 10, 100]), [0, 0.5, 1])
    np.testing.assert_allclose(_places(["b", "a", "c"]), [0.5, 0, 1])
    np.testing.assert_allclose(_places([3, None, 3]), [0.5, np.nan, 0.5])
    np.testing.assert_allclose(_places([True, False]), [1, 0])


def test_a_plot_can_be_written_without_importances_or_variation(tmp_path: Any) -> None:
    result(TRIALS[:1]).plot().savefig(tmp_path / "one.png")
    assert (tmp_path / "one.png").stat().st_size > 5_000


def test_without_a_score_there_is_nothing_to_draw() -> None:
    with pytest.raises(
        ValueError, match=r"A plot needs a trial that has a score; got SweepResult\('demo', 1 failed"
    ):
        result(TRIALS[2:3]).plot()
