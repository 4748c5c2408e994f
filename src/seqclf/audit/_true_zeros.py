"""True zeros inside sequences, and lengths that were counted without them."""

from __future__ import annotations

import numpy as np

from seqclf.audit._case import Case, Mask
from seqclf.audit._model import Floats, Integers
from seqclf.audit._padding_audit import InvariantCheck


def share_in_words(table: Floats, lengths: Integers, padding_value: float) -> str:
    """Say how many rows have a step inside that equals the padding value."""
    inside = np.arange(table.shape[1]) < lengths[:, None] - 1
    share = (inside & _equals(table, padding_value)).any(axis=1).mean()
    zeros = "true zeros" if padding_value == 0 else f"steps of {padding_value:g}"
    return f"{share:.0%} of rows have {zeros} inside"


def check_given_lengths(
    table: Floats, lengths: Integers, case: Case, rows: Integers, *, tolerance: float
) -> InvariantCheck:
    """Tell whether the given lengths are counts of steps other than padding, and what that does to the answers.

    `table` holds what the user passed, behind the given lengths too.
    """
    real = ~_equals(table, case.padding_value)
    counts = real.sum(axis=1)
    true_lengths = np.where(counts > 0, table.shape[1] - real[:, ::-1].argmax(axis=1), 1)
    if not (lengths == np.maximum(counts, 1)).all() or (lengths == true_lengths).all():
        return InvariantCheck(name="lengths", verdict="holds")
    answers = case.model(table[rows], true_lengths[rows])
    change = abs(answers - case.answers).max(axis=1)
    order = np.argsort(-(true_lengths - lengths)[rows], kind="stable")[:5]
    return InvariantCheck(
        name="lengths",
        verdict="broken",
        largest_change=float(change.max()),
        n_flips=int(((answers.argmax(axis=1) != case.answers.argmax(axis=1)) & (change > tolerance)).sum()),
        worst=tuple(int(i) for i in order if lengths[rows][i] < true_lengths[rows][i]),
        note=share_in_words(table, true_lengths, case.padding_value),
    )


def _equals(table: Floats, padding_value: float) -> Mask:
    """Tell which steps equal the padding value in all features; NaN matches NaN."""
    same = np.isnan(table) if np.isnan(padding_value) else np.equal(table, padding_value)
    return np.asarray(same.all(axis=2))
