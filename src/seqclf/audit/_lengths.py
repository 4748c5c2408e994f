"""Check whether the given lengths are counts of steps that differ from the padding value."""

from __future__ import annotations

import numpy as np

from seqclf.audit._arrays import Floats, Integers, Mask
from seqclf.audit._case import Case
from seqclf.audit._input import PaddedInput
from seqclf.audit._result import InvariantCheck


def check_given_lengths(
    padded: PaddedInput, case: Case, rows: Integers, *, tolerance: float
) -> InvariantCheck:
    """Compare the given lengths with counts of steps other than padding, and measure the effect on predictions."""
    table, lengths = padded.original, padded.lengths
    real = ~_equals(table, case.padding_value)
    counts = real.sum(axis=1)
    true_lengths = np.where(counts > 0, table.shape[1] - real[:, ::-1].argmax(axis=1), 1)
    if not (lengths == np.maximum(counts, 1)).all() or (lengths == true_lengths).all():
        return InvariantCheck(name="lengths", verdict="holds")
    predictions = case.model(table[rows], true_lengths[rows])
    change = abs(predictions - case.predictions).max(axis=1)
    flipped = predictions.argmax(axis=1) != case.predictions.argmax(axis=1)
    most_cut = np.argsort(-(true_lengths - lengths)[rows], kind="stable")[:5]
    return InvariantCheck(
        name="lengths",
        verdict="broken",
        largest_change=float(change.max()),
        n_flips=int((flipped & (change > tolerance)).sum()),
        worst=tuple(int(i) for i in most_cut if lengths[rows][i] < true_lengths[rows][i]),
        note=interior_padding_values(table, true_lengths, case.padding_value),
    )


def interior_padding_values(table: Floats, lengths: Integers, padding_value: float) -> str:
    """Say how many rows have a step equal to the padding value before their last step."""
    interior = np.arange(table.shape[1]) < lengths[:, None] - 1
    share = (interior & _equals(table, padding_value)).any(axis=1).mean()
    zeros = "true zeros" if padding_value == 0 else f"steps of {padding_value:g}"
    return f"{share:.0%} of rows have {zeros} before their last step"


def _equals(table: Floats, padding_value: float) -> Mask:
    """Return which steps equal the padding value in all features; NaN matches NaN."""
    same = np.isnan(table) if np.isnan(padding_value) else np.equal(table, padding_value)
    return np.asarray(same.all(axis=2))
