"""Plot a sweep: optimization history, learning curves, parameter importances, and the score against each parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from seqclf.tuning._spaces import describe
from seqclf.tuning._trial_record import TrialRecord

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BEST, COMPLETE, PRUNED = "#D55E00", "#0072B2", "#B0B0B0"
MAX_PARAMETERS = 6
"""Parameters that fit side by side; the most important ones are shown."""
_MAX_LABEL_LENGTH = 18


class PlottedSweep(Protocol):
    """What a plot needs of a `SweepResult`."""

    @property
    def scoring(self) -> str: ...
    @property
    def trials(self) -> tuple[TrialRecord, ...]: ...
    @property
    def best_trial(self) -> TrialRecord: ...
    @property
    def compared_by(self) -> str | None: ...
    @property
    def param_importances(self) -> Mapping[str, float]: ...


def plot_sweep(result: PlottedSweep) -> Figure:
    """Draw the panels of `SweepResult.plot`."""
    scored = [trial for trial in result.trials if trial.intermediate_values or trial.score is not None]
    if not scored:
        raise ValueError(
            f"A plot needs a trial with a score; got {result!r}. See `reason` in `result.trials`."
        )
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "Plots need matplotlib, which is not installed. Run `pip install 'seqclf[plots]'`."
        ) from error
    # Otherwise the last intermediate value of a pruned trial is not a score.
    comparable = [trial for trial in scored if trial.score is not None or result.compared_by is None]
    names = _varied_parameters(comparable, result)
    figure = Figure(figsize=(12, 8), layout="constrained")
    subfigures: Any = figure.subfigures(2, 1)
    above, below = subfigures
    history, curves, importances = above.subplots(1, 3)
    _draw_history(history, comparable, result)
    _draw_curves(curves, scored, result)
    _draw_importances(importances, result)
    panels = below.subplots(1, max(1, len(names)), sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, names, strict=False):
        _draw_parameter(axes, name, comparable, result)
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    if names:
        panels[0].set_ylabel(result.scoring)
    else:
        panels[0].set_axis_off()
    return figure


def last_value(trial: TrialRecord) -> float:
    """Return the score of a trial; of a pruned one, its last intermediate value."""
    return trial.score if trial.score is not None else trial.intermediate_values[-1]


def _color(trial: TrialRecord, result: PlottedSweep) -> str:
    if trial.status != "complete":
        return PRUNED
    return BEST if trial is result.best_trial else COMPLETE


def _draw_history(axes: Axes, comparable: Sequence[TrialRecord], result: PlottedSweep) -> None:
    complete = [trial for trial in comparable if trial.status == "complete"]
    pruned = [trial for trial in comparable if trial.status == "pruned"]
    for label, trials, color in (("pruned", pruned, PRUNED), ("complete", complete, COMPLETE)):
        axes.scatter(
            [t.number for t in trials], list(map(last_value, trials)), s=16, color=color, label=label
        )
    if complete:
        best = np.maximum.accumulate(list(map(last_value, complete)))
        axes.step([t.number for t in complete], best, where="post", color=BEST, label="best so far")
    if failed := [t.number for t in result.trials if t.status == "failed"]:
        floor = axes.get_ylim()[0]
        axes.scatter(failed, [floor] * len(failed), marker="x", color="black", label="failed")
    axes.set(title="History", xlabel="trial", ylabel=result.scoring)
    axes.legend(frameon=False, fontsize="small")


def _draw_curves(axes: Axes, scored: Sequence[TrialRecord], result: PlottedSweep) -> None:
    from matplotlib.ticker import MaxNLocator

    for trial in scored:
        epochs = range(1, len(trial.intermediate_values) + 1)
        color = _color(trial, result)
        marker = "." if len(epochs) == 1 else ""
        width = 2 if color == BEST else 0.8
        axes.plot(epochs, trial.intermediate_values, color=color, linewidth=width, marker=marker)
    shown = result.scoring if result.compared_by is None else result.compared_by
    axes.set(title="Learning curves", xlabel="epoch", ylabel=f"{shown}, held-out samples")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _draw_importances(axes: Axes, result: PlottedSweep) -> None:
    shares = dict(sorted(result.param_importances.items(), key=lambda item: item[1]))
    if not shares:
        axes.text(0.5, 0.5, "too few trials", ha="center", color="0.4", transform=axes.transAxes)
        axes.set_axis_off()
    axes.barh(list(shares), list(shares.values()), color=COMPLETE, height=0.6)
    axes.set(title="Parameter importances", xlabel="importance (PED-ANOVA)")


def _draw_parameter(axes: Axes, name: str, comparable: Sequence[TrialRecord], result: PlottedSweep) -> None:
    """Draw the score of each trial against one of its parameters."""
    trials = [trial for trial in comparable if name in trial.params]
    values = [trial.params[name] for trial in trials]
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    x = values if numeric else [_label(value) for value in values]
    axes.scatter(x, list(map(last_value, trials)), s=16, c=[_color(trial, result) for trial in trials])
    if not numeric:
        axes.margins(x=0.3)
    elif min(values) > 0 and max(values) / min(values) > 10:
        axes.set_xscale("log")
    axes.set_xlabel(name.replace("__", "\n"))


def _varied_parameters(trials: Sequence[TrialRecord], result: PlottedSweep) -> list[str]:
    """Return the parameters that differ between trials, the most important first."""
    names = dict.fromkeys(name for trial in trials for name in trial.params)
    varied = [name for name in names if len({_label(t.params.get(name)) for t in trials}) > 1]
    return sorted(varied, key=lambda name: -result.param_importances.get(name, 0.0))[:MAX_PARAMETERS]


def _label(value: Any) -> str:
    """Return a value as text, shortened to fit at an axis."""
    text = value if isinstance(value, str) else describe(value)
    return text if len(text) <= _MAX_LABEL_LENGTH else text[: _MAX_LABEL_LENGTH - 1] + "…"
