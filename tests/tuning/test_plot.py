from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from seqclf.tuning import SweepResult, TrialRecord
from seqclf.tuning._plot import _positions, plot_sweep

TRIALS = (
    TrialRecord(
        number=0,
        status="complete",
        score=0.5,
        params={"lr": 0.1, "stem": None},
        intermediate_values=(0.3, 0.5),
    ),
    TrialRecord(number=1, status="pruned", params={"lr": 0.001, "stem": "conv"}, intermediate_values=(0.1,)),
    TrialRecord(number=2, status="failed", params={"lr": 0.2, "stem": None}, reason="MemoryError: "),
    TrialRecord(
        number=3,
        status="complete",
        score=0.7,
        params={"lr": 0.01, "stem": "conv", "dropout": 0.2},
        intermediate_values=(0.4, 0.7),
    ),
)


def result(trials: Any = TRIALS, **options: Any) -> SweepResult:
    return SweepResult(study_name="demo", scoring="f1_macro", trials=tuple(trials), **options)


def test_the_four_panels_show_the_data() -> None:
    figure = plot_sweep(result(param_importances={"lr": 0.8, "stem": 0.2}))
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


def test_a_line_passes_through_the_values_of_its_trial() -> None:
    coordinates = plot_sweep(result()).axes[2]
    worst_first = [np.asarray(line.get_ydata(), dtype=float) for line in coordinates.lines][:3]
    np.testing.assert_allclose(worst_first[0][:2], [0.0, 1.0])  # the pruned one: smallest rate, "conv"
    np.testing.assert_allclose(worst_first[1][:2], [1.0, 0.0])  # None sorts before "conv"
    np.testing.assert_allclose(worst_first[2], [0.5, 1.0, 0.5])  # 0.01 is half-way between 0.001 and 0.1


def test_many_parameter_names_do_not_overlap() -> None:
    names = ("hidden_size", "num_layers", "lr", "label_smoothing", "bidirectional", "stem", "dropout")
    trials = [
        TrialRecord(number=i, status="complete", score=0.5 + i, params=dict.fromkeys(names, i))
        for i in range(2)
    ]
    figure = plot_sweep(result(trials))
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    labels = figure.axes[2].get_xticklabels()
    assert [label.get_text().strip() for label in labels] == list(names)
    boxes = [label.get_window_extent(canvas.get_renderer()) for label in labels]
    # Names on the second line start with an empty line, so only names on the same line can overlap.
    assert not any(left.overlaps(right) for left, right in zip(boxes, boxes[2:], strict=False))
    assert not any(label.get_text()[0] == "\n" for label in labels[::2])
    assert all(label.get_text()[0] == "\n" for label in labels[1::2])


def test_positions_on_an_axis() -> None:
    np.testing.assert_allclose(_positions([1, 2, 5]), [0, 0.25, 1])
    np.testing.assert_allclose(_positions([1, 10, 100]), [0, 0.5, 1])
    np.testing.assert_allclose(_positions(["b", "a", "c"]), [0.5, 0, 1])
    np.testing.assert_allclose(_positions([3, None, 3]), [0.5, np.nan, 0.5])
    np.testing.assert_allclose(_positions([True, False]), [1, 0])


def test_a_plot_without_importances_or_variation_can_be_saved(tmp_path: Any) -> None:
    result(TRIALS[:1]).plot().savefig(tmp_path / "one.png")
    assert (tmp_path / "one.png").stat().st_size > 5_000


def test_a_plot_needs_a_trial_with_a_score() -> None:
    with pytest.raises(
        ValueError, match=r"A plot needs a trial with a score; got SweepResult\('demo', 1 failed"
    ):
        result(TRIALS[2:3]).plot()
