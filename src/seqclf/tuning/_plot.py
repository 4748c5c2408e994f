"""A sweep as a picture: when it got better, how trials learned, what mattered, and which values did well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqclf.tuning._result import SweepResult, TrialRecord
from seqclf.tuning._scoring import EPOCHS_HAVE
from seqclf.tuning._spaces import look

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BEST, OTHER, BEHIND = "#D55E00", "#0072B2", "#B0B0B0"
_MOST_WORDS = 18
"""Letters of a value that fit beside an axis."""
_MOST_IN_ONE_LINE = 5
"""Names of parameters that fit side by side; of more, every other one stands lower."""


def plot_sweep(result: SweepResult) -> Figure:
    """Draw all four."""
    scored = [trial for trial in result.trials if trial.epochs or trial.score is not None]
    comparable = [trial for trial in scored if trial.score is not None or result.scoring in EPOCHS_HAVE]
    if not scored:
        raise ValueError(
            f"A plot needs a trial that has a score; got {result!r}. The reasons stand in `result.trials`."
        )
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "Plots need matplotlib; it is not installed. Run `pip install 'seqclf[plots]'`."
        ) from error
    figure = Figure(figsize=(12, 8), layout="constrained")
    history, curves, coordinates, importances = figure.subplots(2, 2).ravel()
    _draw_history(history, result)
    _draw_curves(curves, scored, result.scoring)
    _draw_coordinates(coordinates, comparable, result.scoring)
    _draw_importances(importances, result)
    return figure


def last_score(trial: TrialRecord) -> float:
    """Return the score of a trial, of one that was stopped the last it had."""
    return trial.score if trial.score is not None else trial.epochs[-1]


def _draw_history(axes: Axes, result: SweepResult) -> None:
    complete = [t for t in result.trials if t.status == "complete" and t.score is not None]
    # Then the last of a trial's epochs is a score like that of a complete one.
    comparable = result.scoring in EPOCHS_HAVE
    pruned = [t for t in result.trials if t.status == "pruned" and t.epochs and comparable]
    failed = [t for t in result.trials if t.status == "failed"]
    axes.scatter(
        [t.number for t in pruned], [t.epochs[-1] for t in pruned], s=14, color=BEHIND, label="pruned"
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
    _plain(axes)


def _draw_curves(axes: Axes, scored: Sequence[TrialRecord], scoring: str) -> None:
    from matplotlib.ticker import MaxNLocator

    complete = [t for t in scored if t.status == "complete"]
    best = max(complete, key=last_score, default=None)
    for trial in scored:
        epochs = range(1, len(trial.epochs) + 1)
        color = BEST if trial is best else OTHER if trial.status == "complete" else BEHIND
        axes.plot(
            epochs,
            trial.epochs,
            color=color,
            linewidth=2 if trial is best else 0.8,
            marker="." if len(epochs) == 1 else "",
        )
    shown = scoring if scoring in EPOCHS_HAVE else "minus the loss"
    axes.set(title="How the trials learned", xlabel="epoch", ylabel=f"{shown}, held-out part")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    _plain(axes)


def _draw_coordinates(axes: Axes, scored: Sequence[TrialRecord], scoring: str) -> None:
    """Draw a line per trial through its values, each axis from its smallest to its largest."""
    if not scored:
        axes.set_axis_off()
        return
    names = _varied(scored)
    columns = [[trial.parameters.get(name) for trial in scored] for name in names]
    places = np.column_stack([_places(values) for values in columns])
    scores = np.array([last_score(trial) for trial in scored])
    order = np.argsort(scores)
    # By rank: one bad trial must not make all others look alike.
    shade = np.argsort(order) / max(1, len(scored) - 1)
    import matplotlib

    colors = matplotlib.colormaps["viridis_r"]
    for i in order:
        axes.plot(
            range(len(names)),
            places[i],
            color=colors(shade[i]),
            alpha=0.25 + 0.75 * shade[i],
            linewidth=1.2,
            marker=".",
        )
    for x, values in enumerate(columns):
        _label_axis(axes, x, values)
        axes.axvline(x, color="0.85", zorder=0)
    lowered = ["\n" * (i % 2) if len(names) > _MOST_IN_ONE_LINE else "" for i in range(len(names))]
    labels = [down + name.replace("__", "\n") for down, name in zip(lowered, names, strict=True)]
    axes.set_xticks(range(len(names)), labels, fontsize="small")
    axes.set(title=f"Parameters of each trial (dark: better {scoring})", yticks=[], ylim=(-0.12, 1.12))
    axes.set_xlim(-0.3, len(names) - 0.3)
    _plain(axes, left=False)


def _varied(scored: Sequence[TrialRecord]) -> list[str]:
    """Return the parameters that differ between trials; all of them where none does."""
    names = list(dict.fromkeys(name for trial in scored for name in trial.parameters))
    return [n for n in names if len({_text(t.parameters.get(n)) for t in scored}) > 1] or names


def _places(values: Sequence[Any]) -> NDArray[np.float64]:
    """Return where values stand on their axis, from 0 to 1; NaN for those not drawn."""
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
    """Write at an axis what its ends, or its words, are."""
    places = _places(values)
    if _is_number(values):
        ends = {float(np.nanmin(places)), float(np.nanmax(places))}
        shown = {place: f"{values[int(np.nanargmin(np.abs(places - place)))]:.3g}" for place in ends}
    else:
        shown = {float(place): _word(value) for place, value in zip(places, values, strict=True)}
    for place, text in shown.items():
        at_end = place in (0.0, 1.0)
        axes.annotate(  # outside of the layout: a long word must not squeeze the axes
            text,
            (x, place),
            xytext=(0, (-11 if place == 0 else 5) if at_end else 0),
            textcoords="offset points",
            fontsize="x-small",
            ha="center" if at_end else "left",
            in_layout=False,
        )


def _text(value: Any) -> str:
    """Return a value in words."""
    return value if isinstance(value, str) else look(value)


def _word(value: Any) -> str:
    """Return a value as it can stand at an axis: cut where it is too long."""
    text = _text(value)
    return text if len(text) <= _MOST_WORDS else text[: _MOST_WORDS - 1] + "…"


def _is_number(values: Sequence[Any]) -> bool:
    given = [value for value in values if value is not None]
    return bool(given) and all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in given
    )


def _is_log(numbers: NDArray[np.float64]) -> bool:
    """Return whether values over more than a power of ten are better told apart by their size."""
    low, high = np.nanmin(numbers), np.nanmax(numbers)
    return bool(low > 0 and high / low > 10)


def _draw_importances(axes: Axes, result: SweepResult) -> None:
    shares = dict(sorted(result.importances.items(), key=lambda item: item[1]))
    if not shares:
        axes.text(0.5, 0.5, "too few trials to tell", ha="center", color="0.4", transform=axes.transAxes)
        axes.set_axis_off()
    axes.barh(list(shares), list(shares.values()), color=OTHER, height=0.6)
    axes.set(title="What mattered", xlabel="share in what sets the best tenth apart")
    _plain(axes)


def _plain(axes: Axes, *, left: bool = True) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines["left"].set_visible(left)
