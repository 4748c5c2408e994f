"""Broken invariants -> the likely mistake, in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from seqclf.audit import _probes
from seqclf.audit._case import Case
from seqclf.audit._pooling import SWAPPED, UNKNOWN
from seqclf.audit._result import InvariantCheck

CORRECT_STEPS = {
    "forward": ("last real step", "all real steps", "some real steps", "none"),
    "backward": ("first step", "all real steps", "some real steps", "none"),
}


def diagnose(
    case: Case, checks: Mapping[str, InvariantCheck], pooled_steps: Mapping[str, str], *, tolerance: float
) -> str | None:
    """Return the first mistake that explains the broken invariants; None if there is none."""
    broken = {name for name, check in checks.items() if check.verdict == "broken"}
    pooled_steps = {direction: steps for direction, steps in pooled_steps.items() if steps != UNKNOWN}
    if "determinism" in broken:
        return (
            "the same input gives different predictions: dropout is probably still on (call `model.eval()`)"
        )
    if "order" in broken:
        return _wrong_order(case, pooled_steps, tolerance)
    if "neighbours" in broken:
        padding = ", padding included" if broken & {"padding content", "padding amount"} else ""
        return (
            "a prediction depends on the other sequences of its batch, whatever their order: statistics are probably "
            f"computed over the batch{padding} (batch normalisation in training mode)"
        )
    if broken & {"padding content", "padding amount", "batch size"}:
        return _padding_pooled(case, checks, pooled_steps, tolerance)
    if "lengths" in broken:
        return f"the given lengths look like counts of non-zero steps: {checks['lengths'].note}"
    if "true zeros" in broken:
        return _zeros_dropped(case, checks["true zeros"], tolerance)
    return _wrong_step(pooled_steps)


def _wrong_order(case: Case, pooled_steps: Mapping[str, str], tolerance: float) -> str:
    swapped = SWAPPED in pooled_steps.values()
    if not swapped and _probes.is_permuted(case, tolerance=tolerance):
        return (
            "rows get each other's predictions: the batch is probably sorted by length for packing and its order never "
            "restored (`enforce_sorted=False` does both)"
        )
    others = (
        "earlier rows only"
        if _probes.affects_later_rows_only(case, tolerance=tolerance)
        else "all other rows"
    )
    return (
        f"predictions change when rows are permuted, and each row depends on {others}: the batch and time axes are "
        f"{'' if swapped else 'probably '}swapped (`batch_first`)"
    )


def _padding_pooled(
    case: Case, checks: Mapping[str, InvariantCheck], pooled_steps: Mapping[str, str], tolerance: float
) -> str:
    if checks["padding content"].verdict == "broken" or not case.model.takes_lengths:
        return _content_pooled(case, pooled_steps)
    if _succeeds(lambda: _probes.short_rows_are_alike(case, tolerance=tolerance)):
        return (
            "all sequences shorter than the longest get the same prediction: the pooled output is probably "
            "`output[:, -1]` of a padded output, which is zero there"
        )
    if _succeeds(lambda: _probes.shrinks_with_width(case)):
        return (
            "the logits shrink as 1 / width: a mean probably divides by the number of columns, not by "
            "the lengths"
        )
    return "zeros after the last step affect the prediction: the pooling probably includes padded steps of the output"


def _content_pooled(case: Case, pooled_steps: Mapping[str, str]) -> str:
    steps = pooled_steps.get("forward")
    if steps == "all columns" or (
        steps is None and _succeeds(lambda: _probes.PaddedSteps(case).are_averaged)
    ):
        return (
            "every padded step affects the prediction, the less the more there are: a mean (or attention) is probably "
            "taken over all columns, padding included"
        )
    if steps in CORRECT_STEPS["forward"] or (
        steps is None and _succeeds(lambda: _probes.PaddedSteps(case).fade_with_distance)
    ):
        return (
            "the first padded steps affect the prediction most: a backward direction probably starts in the padding "
            "(pack the sequences, or reverse each within its length)"
        )
    return (
        "the prediction depends on the last column, not on the last real step: the pooled output is probably "
        "`output[:, -1]`"
    )


def _succeeds(probe: Callable[[], bool]) -> bool:
    """Return the result of a probe; False if the model does not accept its tables."""
    try:
        return probe()
    except Exception:  # a model may raise anything for a width it does not accept
        return False


def _zeros_dropped(case: Case, check: InvariantCheck, tolerance: float) -> str:
    zero = f"{case.padding_value:g}"
    if _probes.ends_are_ignored(case, tolerance=tolerance):
        counted = "non-zero steps" if zero == "0" else f"steps other than {zero}"
        return f"lengths look like counts of {counted}: {check.note}, and as many steps at their ends are ignored"
    return f"steps that equal {zero} are probably masked wherever they occur: {check.note}"


def _wrong_step(pooled_steps: Mapping[str, str]) -> str | None:
    """Name a direction that is pooled at a step where it has not seen the whole sequence."""
    for direction, steps in pooled_steps.items():
        if steps not in CORRECT_STEPS[direction]:
            seen = "only one step" if steps in ("first step", "last real step") else "padding"
            return (
                f"the {direction} direction is pooled at the {steps}, where it has seen {seen}: pool it at the "
                f"{CORRECT_STEPS[direction][0]}"
            )
    return None
