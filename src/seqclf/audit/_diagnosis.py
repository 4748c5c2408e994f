"""Broken invariants -> the likely mistake, in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from seqclf.audit import _probes
from seqclf.audit._case import Case
from seqclf.audit._padding_audit import InvariantCheck

RIGHT_PLACES = {
    "forward": ("last real step", "all real steps", "some real steps", "not read"),
    "backward": ("first step", "all real steps", "some real steps", "not read"),
}
SWAPPED = "the batch and time axes are swapped"


def diagnose(
    case: Case, checks: Mapping[str, InvariantCheck], read_out: Mapping[str, str], *, tolerance: float
) -> str | None:
    """Return the first mistake that explains what is broken; None if nothing is."""
    broken = {name for name, check in checks.items() if check.verdict == "broken"}
    if "determinism" in broken:
        return "the same input gets different answers: dropout is probably still on (call `model.eval()`)"
    if "order" in broken:
        return _wrong_order(case, read_out, tolerance)
    if "neighbours" in broken:
        padded_too = ", over padded steps too" if broken & {"padding content", "padding amount"} else ""
        return (
            "sequences change each other's answers whatever their order: statistics are probably taken over the "
            f"batch{padded_too} (batch normalisation in training mode)"
        )
    if broken & {"padding content", "padding amount", "batch size"}:
        return _padding_read(case, checks, read_out, tolerance)
    if "lengths" in broken:
        return f"the given lengths look like counts of non-zeros: {checks['lengths'].note}"
    if "true zeros" in broken:
        return _zeros_dropped(case, checks["true zeros"], tolerance)
    return _wrong_step(read_out)


def _wrong_order(case: Case, read_out: Mapping[str, str], tolerance: float) -> str:
    if SWAPPED not in read_out.values() and _probes.is_permuted(case, tolerance=tolerance):
        return (
            "the rows of a batch get each other's answers: it is probably sorted by length for packing and never put "
            "back in order (`enforce_sorted=False` does both)"
        )
    certain = SWAPPED in read_out.values()
    earlier = _probes.follows_earlier_rows_only(case, tolerance=tolerance)
    because = "and a row is reached by the rows before it only" if earlier else "each row by all others"
    return (
        f"predictions change when rows are permuted, {because}: the batch and time axes are "
        f"{'' if certain else 'probably '}swapped (`batch_first`)"
    )


def _padding_read(
    case: Case, checks: Mapping[str, InvariantCheck], read_out: Mapping[str, str], tolerance: float
) -> str:
    if checks["padding content"].verdict == "broken" or not case.model.takes_lengths:
        return _content_read(case, read_out)
    if _tells(lambda: _probes.short_rows_are_alike(case, tolerance=tolerance)):
        return (
            "all sequences shorter than the longest get one answer: the read-out is probably `output[:, -1]` of a padded "
            "output, which is zero there"
        )
    if _tells(lambda: _probes.shrinks_with_width(case)):
        return "the answer shrinks as one over the width: a mean probably divides by the columns, not by the lengths"
    return (
        "zeros behind the last step take part in the answer: a pooling probably goes over the padded output"
    )


def _content_read(case: Case, read_out: Mapping[str, str]) -> str:
    place = read_out.get("forward")
    if place == "all columns" or (place is None and _tells(lambda: _probes.PaddedSteps(case).are_averaged)):
        return (
            "each padded step counts, the less the more there are: a mean (or attention) is probably taken over all "
            "columns, padding included"
        )
    if place in RIGHT_PLACES["forward"] or (
        place is None and _tells(lambda: _probes.PaddedSteps(case).fade_with_distance)
    ):
        return (
            "the padding next to a sequence counts most: a backward direction probably starts in the padding (pack the "
            "sequences, or reverse each within its length)"
        )
    return "the answer depends on the last column, not on the last real step: the read-out is probably `output[:, -1]`"


def _tells(probe: Callable[[], bool]) -> bool:
    """Return what a probe says; no where the model does not take the tables it asks about."""
    try:
        return probe()
    except Exception:  # of the model, whatever it raises for another width
        return False


def _zeros_dropped(case: Case, check: InvariantCheck, tolerance: float) -> str:
    zero = f"{case.padding_value:g}"
    if _probes.ends_are_ignored(case, tolerance=tolerance):
        counted = (
            "lengths look like counts of non-zeros"
            if zero == "0"
            else f"lengths look like counts of steps other than {zero}"
        )
        return f"{counted}: {check.note}, and as many steps at their ends are not read"
    return f"steps that equal {zero} are probably masked wherever they occur: {check.note}"


def _wrong_step(read_out: Mapping[str, str]) -> str | None:
    """Name a direction that is read at a step where it has not seen the sequence."""
    for direction, place in read_out.items():
        if place not in RIGHT_PLACES[direction]:
            seen = "one step only" if place in ("first step", "last real step") else "padding"
            right = RIGHT_PLACES[direction][0]
            return f"the {direction} direction is read at the {place}, where it has seen {seen}: read it at the {right}"
    return None
