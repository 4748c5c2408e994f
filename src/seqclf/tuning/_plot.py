"""Plot a sweep: optimisation history, learning curves, parameters and their importances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqclf.tuning._cross_validation import EPOCH_SCORES
from seqclf.tuning._result import SweepResult, TrialRecord
from seqclf.tuning._spaces import describe

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BEST, OTHER, PRUNED = "#D55E00", "#0072B2", "#B0B0B0"
_MAX_LABEL_LENGTH = 18
"""Characters of a value that fit beside an axis."""
_MAX_NAMES_PER_LINE = 5
"""Parameter names that fit side by side; with more, every other one is on a second line."""


def plot_sweep(result: SweepResult) -> Figure:
    """Draw the four panels of `SweepResult.plot`."""
    scored = [trial for trial in result.trials if trial.intermediate_values or trial.score is not None]
    comparable = [trial for trial in scored if trial.score is not None or result.scoring in EPOCH_SCORES]
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
    figure = Figure(figsize=(12, 8), layout="constrained")
    history, curves, coordinates, importances = figure.subplots(2, 2).ravel()
    _draw_history(history, result)
    _draw_curves(curves, scored, result.scoring)
    _draw_coordinates(coordinates, comparable, result.scoring)
    _draw_importances(importances, result)
    return figure


def last_score(trial: TrialRecord) -> float:
    """Return the score of a trial; of a pruned one, its last intermediate value."""
    return trial.score if trial.score is not None else trial.intermediate_values[-1]


def _draw_history(axes: Axes, result: SweepResult) -> None:
    complete = [t for t in result.trials if t.status == "complete" and t.score is not None]
    # Only then is the last intermediate value of a pruned trial a score.
    comparable = result.scoring in EPOCH_SCORES
    pruned = [t for t in result.trials if t.status == "pruned" and t.intermediate_values and comparable]
    failed = [t for t in result.trials if t.status == "failed"]
    axes.scatter(
        [t.number for t in pruned],
        [t.intermediate_values[-1] for t in pruned],
        s=14,
        color=PRUNED,
        label="pruned",
    )
    axes.scatter(
        [t.number for t in complete], [last_score(t) for t in complete], s=20, color=OTHER, label="complete"
    )
    if complete:
        best = np.maximum.accumulate([last_score(t) for t in complete])
        axes.step([t.number for t in complete], best, where="post", color=BEST, label="best so far")
    if failed:
        floor = axes.get_ylim()[0]
        axes.scatter(
            [t.number for t in failed], [floor] * len(failed), marker="x", color="black", label="failed"
        )
    axes.set(title="History", xlabel="trial", ylabel=result.scoring)
    axes.legend(frameon=False, fontsize="small")
    _hide_spines(axes)


def _draw_curves(axes: Axes, scored: Sequence[TrialRecord], scoring: str) -> None:
    from matplotlib.ticker import MaxNLocator

    complete = [t for t in scored if t.status == "complete"]
    best = max(complete, key=last_score, default=None)
    for trial in scored:
        epochs = range(1, len(trial.intermediate_values) + 1)
        color = BEST if trial is best else OTHER if trial.status == "complete" else PRUNED
        axes.plot(
            epochs,
            trial.intermediate_values,
            color=color,
            linewidth=2 if trial is best else 0.8,
            marker="." if len(epochs) == 1 else "",
        )
    shown = scoring if scoring in EPOCH_SCORES else "minus the validation loss"
    axes.set(title="Learning curves", xlabel="epoch", ylabel=f"{shown}, held-out samples")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    _hide_spines(axes)


def _draw_coordinates(axes: Axes, scored: Sequence[TrialRecord], scoring: str) -> None:
    """Draw parallel coordinates: a line per trial, and an axis per parameter from its lowest to its highest value."""
    if not scored:
        axes.set_axis_off()
        return
    names = _varied(scored)
    columns = [[trial.params.get(name) for trial in scored] for name in names]
    positions = np.column_stack([_positions(values) for values in columns])
    scores = np.array([last_score(trial) for trial in scored])
    order = np.argsort(scores)
    # By rank, so that one bad trial does not compress the colours of all others.
    shade = np.argsort(order) / max(1, len(scored) - 1)
    import matplotlib

    colors = matplotlib.colormaps["viridis_r"]
    for i in order:
        axes.plot(
            range(len(names)),
            positions[i],
            color=colors(shade[i]),
            alpha=0.25 + 0.75 * shade[i],
            linewidth=1.2,
            marker=".",
        )
    for x, values in enumerate(columns):
        _label_axis(axes, x, values)
        axes.axvline(x, color="0.85", zorder=0)
    lowered = ["\n" * (i % 2) if len(names) > _MAX_NAMES_PER_LINE else "" for i in range(len(names))]
    labels = [down + name.replace("__", "\n") for down, name in zip(lowered, names, strict=True)]
    axes.set_xticks(range(len(names)), labels, fontsize="small")
    axes.set(title=f"Parameters of each trial (darker: higher {scoring})", yticks=[], ylim=(-0.12, 1.12))
    axes.set_xlim(-0.3, len(names) - 0.3)
    _hide_spines(axes, left=False)


def _varied(scored: Sequence[TrialRecord]) -> list[str]:
    """Return the parameters that differ between trials, or all of them if none differs."""
    names = list(dict.fromkeys(name for trial in scored for name in trial.params))
    return [n for n in names if len({_text(t.params.get(n)) for t in scored}) > 1] or names


def _positions(values: Sequence[Any]) -> NDArray[np.float64]:
    """Return the positions of values on their axis, from 0 to 1; NaN for values that were not drawn."""
    if _is_number(values):
        numbers = np.array([np.nan if value is None else float(value) for value in values])
        if _is_log(numbers):
            numbers = np.log(numbers)
    else:
        kinds = sorted({_text(value) for value in values})
        numbers = np.array([float(kinds.index(_text(value))) for value in values])
    low, high = np.nanmin(numbers), np.nanmax(numbers)
    return numbers * 0 + 0.5 if high == low else (numbers - low) / (high - low)


def _label_axis(axes: Axes, x: int, values: Sequence[Any]) -> None:
    """Label an axis with its bounds or, if its values are not numbers, with all of them."""
    positions = _positions(values)
    if _is_number(values):
        bounds = {float(np.nanmin(positions)), float(np.nanmax(positions))}
        shown = {
            position: f"{values[int(np.nanargmin(np.abs(positions - position)))]:.3g}" for position in bounds
        }
    else:
        shown = {float(position): _label(value) for position, value in zip(positions, values, strict=True)}
    for position, text in shown.items():
        at_end = position in (0.0, 1.0)
        axes.annotate(  # not part of the layout: a long label must not shrink the axes
            text,
            (x, position),
            xytext=(0, (-11 if position == 0 else 5) if at_end else 0),
            textcoords="offset points",
            fontsize="x-small",
            ha="center" if at_end else "left",
            in_layout=False,
        )


def _text(value: Any) -> str:
    """Return a value as text."""
    return value if isinstance(value, str) else describe(value)


def _label(value: Any) -> str:
    """Return a value as text, shortened to fit beside an axis."""
    text = _text(value)
    return text if len(text) <= _MAX_LABEL_LENGTH else text[: _MAX_LABEL_LENGTH - 1] + "…"


def _is_number(values: Sequence[Any]) -> bool:
    drawn = [value for value in values if value is not None]
    return bool(drawn) and all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in drawn
    )


def _is_log(numbers: NDArray[np.float64]) -> bool:
    """Return whether values span more than a factor of ten, so that a logarithmic axis separates them better."""
    low, high = np.nanmin(numbers), np.nanmax(numbers)
    return bool(low > 0 and high / low > 10)


def _draw_importances(axes: Axes, result: SweepResult) -> None:
    shares = dict(sorted(result.param_importances.items(), key=lambda item: item[1]))
    if not shares:
        axes.text(0.5, 0.5, "too few trials", ha="center", color="0.4", transform=axes.transAxes)
        axes.set_axis_off()
    axes.barh(list(shares), list(shares.values()), color=OTHER, height=0.6)
    axes.set(title="Parameter importances", xlabel="importance (PED-ANOVA)")
    _hide_spines(axes)


def _hide_spines(axes: Axes, *, left: bool = True) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines["left"].set_visible(left)
