from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seqclf.tuning import SweepResult, TrialRecord
from seqclf.tuning._plot import plot_sweep

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


def xy(axes: Any) -> list[tuple[Any, float]]:
    """Return the points of a scatter panel."""
    return [(float(x), float(y)) for x, y in axes.collections[0].get_offsets()]


def test_the_panels_show_the_data() -> None:
    figure = plot_sweep(result(param_importances={"lr": 0.2, "stem": 0.8}))
    history, curves, importances, *parameters = figure.axes
    (best,) = history.lines
    np.testing.assert_array_equal(best.get_xydata(), [[0, 0.5], [3, 0.7]])
    assert [np.asarray(line.get_ydata(), dtype=float).tolist() for line in curves.lines] == [
        [0.3, 0.5],
        [0.1],
        [0.4, 0.7],
    ]
    bars: Any = importances.patches
    assert [bar.get_width() for bar in bars] == [0.2, 0.8]
    assert [axes.get_xlabel() for axes in parameters] == ["stem", "lr", "dropout"]


def test_the_score_is_drawn_against_each_parameter() -> None:
    lr, stem, dropout = plot_sweep(result()).axes[3:]
    # Two complete trials, and a pruned one with its last intermediate value.
    assert xy(lr) == [(0.1, 0.5), (0.001, 0.1), (0.01, 0.7)]
    assert lr.get_xscale() == "log"
    assert xy(stem) == [(0, 0.5), (1, 0.1), (1, 0.7)]
    assert [tick.get_text() for tick in stem.get_xticklabels()] == ["None", "conv"]
    assert xy(dropout) == [(0.2, 0.7)]  # drawn in one trial only


def test_only_the_most_important_parameters_are_shown() -> None:
    names = [f"parameter_{i}" for i in range(8)]
    trials = [
        TrialRecord(number=i, status="complete", score=0.5 + i, params=dict.fromkeys(names, i))
        for i in range(2)
    ]
    figure = plot_sweep(result(trials, param_importances={"parameter_7": 0.9, "parameter_6": 0.1}))
    shown = [axes.get_xlabel() for axes in figure.axes[3:]]
    assert shown == ["parameter_7", "parameter_6", *names[:4]]


def test_pruned_trials_are_not_compared_by_their_loss() -> None:
    lr, *_ = plot_sweep(
        SweepResult(
            study_name="demo", scoring="roc_auc", trials=TRIALS, compared_by="minus the validation loss"
        )
    ).axes[3:]
    assert xy(lr) == [(0.1, 0.5), (0.01, 0.7)]


def test_a_plot_without_importances_or_variation_can_be_saved(tmp_path: Any) -> None:
    result(TRIALS[:1]).plot().savefig(tmp_path / "one.png")
    assert (tmp_path / "one.png").stat().st_size > 5_000


def test_a_plot_needs_a_trial_with_a_score() -> None:
    with pytest.raises(
        ValueError, match=r"A plot needs a trial with a score; got SweepResult\('demo', 1 failed"
    ):
        result(TRIALS[2:3]).plot()
