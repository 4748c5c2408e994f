"""A warning at the start of a fit that will take long."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from traceback import walk_stack

from seqclf.estimators._duration import SCORING, Clock, DurationEstimate, TimedBatches, clock_of
from seqclf.estimators._fitted import FittedModel
from seqclf.estimators._parameters import Parameters
from seqclf.estimators._shortening import ways_to_shorten
from seqclf.exceptions import SeqclfWarning
from seqclf.training import IndexBatches, LabelledSequences, TrainingConfig, device_of

LONG_FIT = 600.0
"""Seconds. A fit that will take longer gives a warning as soon as a hundredth of this time has been measured."""

_ESTIMATORS = Path(__file__).parent
_PACKAGE = _ESTIMATORS.parent


def warn_if_long(
    batches: IndexBatches,
    given: Parameters,
    model: FittedModel,
    data: LabelledSequences,
    config: TrainingConfig,
    *,
    validation: LabelledSequences | None,
    limit: float = LONG_FIT,
    clock: Clock | None = None,
) -> IndexBatches:
    """Return the same batches; their iteration warns, once, if training will take longer than `limit` seconds."""
    device = device_of(model.network)
    lengths = data.sequences.lengths.cpu()
    n_scored = 0 if validation is None else config.max_epochs * int(validation.sequences.lengths.sum())
    estimate = DurationEstimate(enough=limit / 100, clock=clock or clock_of(device))

    def report() -> None:
        n_steps = config.max_epochs * estimate.steps_per_epoch(lengths, len(batches))
        seconds = estimate.seconds_of(n_steps + SCORING * n_scored)
        level, calls_fit = _users_call()
        if seconds <= limit or not calls_fit:
            return
        ways = ways_to_shorten(
            given,
            lengths,
            max_epochs=config.max_epochs,
            engine=str(getattr(model.network, "engine_", "custom")),
            device=device,
            share=limit / seconds,
        )
        shorter = [way + (f" ({_in_words(seconds * share)})" if share < 1 else "") for way, share in ways]
        most = "at most " if config.early_stopping else ""
        warnings.warn(
            f"This fit will take {most}{_in_words(seconds)}: {config.max_epochs} epochs, together {n_steps:,.0f} steps, of sequences "
            f"of up to {int(lengths.max()):,} steps. What would shorten it, most effective first: {', '.join(shorter)}.",
            SeqclfWarning,
            stacklevel=level,
        )

    return TimedBatches(batches=batches, lengths=lengths, estimate=estimate, report=report)


def _in_words(seconds: float) -> str:
    """Return 'about 7 hours'."""
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"about {seconds / size:.0f} {unit}"
    return f"about {seconds:.2g} seconds" if seconds < 10 else f"about {seconds:.0f} seconds"


def _users_call() -> tuple[int, bool]:
    """Return the `stacklevel` of the line that called seqclf, seen from the caller, and whether it called an estimator.

    It does not in a sweep, which fits many models: its user did not ask for this fit.
    """
    level, calls_fit = 1, False
    frames = walk_stack(sys._getframe(1))
    for i, (frame, _) in enumerate(frames, start=2):
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(_PACKAGE):
            level, calls_fit = i, path.is_relative_to(_ESTIMATORS)
    return level, calls_fit
