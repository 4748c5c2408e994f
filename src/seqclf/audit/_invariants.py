"""What must not change a prediction: one experiment for each invariant."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from seqclf.audit._arrays import Floats, Integers
from seqclf.audit._case import Case
from seqclf.audit._result import InvariantCheck

Pairs = Iterator[tuple[Integers, Floats]]
"""Row indices, and new predictions for these rows that must equal the case's own."""


class NotTestable(Exception):  # noqa: N818 - a reason, not an error
    """Why an invariant cannot be tested on this model or these sequences."""


def check_invariants(case: Case, *, tolerance: float) -> dict[str, InvariantCheck]:
    """Run all experiments; only the first if the model is not deterministic."""
    checks = {"determinism": check_invariant("determinism", repeat, case, tolerance=tolerance)}
    if checks["determinism"].verdict == "broken":
        note = "the same input gives different predictions"
        return checks | {
            name: InvariantCheck(name=name, verdict="not tested", note=note) for name in EXPERIMENTS
        }
    return checks | {
        name: check_invariant(name, experiment, case, tolerance=tolerance)
        for name, experiment in EXPERIMENTS.items()
    }


def check_invariant(
    name: str, experiment: Callable[[Case], Pairs], case: Case, *, tolerance: float
) -> InvariantCheck:
    """Compare all predictions of an experiment with the case's own."""
    change, flipped = np.zeros(case.n), np.zeros(case.n, dtype=bool)
    try:
        for rows, predictions in experiment(case):
            before = case.predictions[rows]
            change[rows] = np.maximum(change[rows], abs(predictions - before).max(axis=1))
            flipped[rows] |= (predictions.argmax(axis=1) != before.argmax(axis=1)) & (
                change[rows] > tolerance
            )
    except NotTestable as reason:
        return InvariantCheck(name=name, verdict="not tested", note=str(reason))
    worst = [int(i) for i in np.argsort(-change, kind="stable")[:5] if change[i] > tolerance]
    return InvariantCheck(
        name=name,
        verdict="broken" if worst else "holds",
        largest_change=float(change.max()),
        n_flips=int(flipped.sum()),
        worst=tuple(worst),
    )


def repeat(case: Case) -> Pairs:
    """Predict the same input again."""
    yield np.arange(case.n), case.predict()


def padding_content(case: Case) -> Pairs:
    """Write other values over the padding."""
    if not case.model.takes_lengths:
        raise NotTestable("a model without lengths recognises padding by its value")
    padded = case.is_padding
    if not padded.any():
        raise NotTestable("no row is padded")
    noise = case.rng.normal(size=case.table.shape)
    for garbage in (noise * case.scale, case.padding_value + 10 * case.scale * (1 + abs(noise))):
        yield np.arange(case.n), case.predict(np.where(padded[..., None], garbage, case.table))


def padding_amount(case: Case) -> Pairs:
    """Add columns of padding, and remove all that no row needs."""
    longest = int(case.lengths.max())
    widths = [case.width + 1, 2 * case.width + 7] + ([longest] if longest < case.width else [])
    reasons = []
    for width in widths:
        try:
            predictions = case.predict(case.resized(width))
        except Exception as error:  # a model may raise anything for a width it does not accept
            reasons.append(f"{type(error).__name__} for {width} columns instead of {case.width}")
            continue
        yield np.arange(case.n), predictions
    if len(reasons) == len(widths):
        raise NotTestable(f"the model accepts only one width ({reasons[0]})")


def order(case: Case) -> Pairs:
    """Permute the rows."""
    by_length = np.argsort(case.lengths, kind="stable")
    for rows in (
        np.arange(case.n)[::-1].copy(),
        by_length,
        by_length[::-1].copy(),
        case.rng.permutation(case.n),
    ):
        yield rows, case.predict(rows=rows)


def neighbours(case: Case) -> Pairs:
    """Change the values, not the lengths, of every second row, and compare the others."""
    changed = 3 * case.table + case.scale * (1 + case.rng.normal(size=case.table.shape))
    changed = np.where(case.is_padding[..., None], case.table, changed)
    for first in (0, 1):
        kept = np.arange(first, case.n, 2)
        table = changed.copy()
        table[kept] = case.table[kept]
        yield kept, case.predict(table)[kept]


def batch_size(case: Case) -> Pairs:
    """Predict in batches of one and of three sequences."""
    for size in (1, 3):
        for rows in np.split(np.arange(case.n), range(size, case.n, size)):
            yield rows, case.predict(rows=rows)


def true_zeros(case: Case) -> Pairs:
    """Shift steps that equal the padding value by a tiny amount, up and down.

    A prediction that is a smooth function of the step is the mean of the two shifted ones; one that treats the value as
    a mark of padding jumps.
    """
    rows = np.flatnonzero(case.lengths >= 3)
    if not rows.size:
        raise NotTestable("no sequence has three steps")
    if not np.isfinite(case.padding_value):
        raise NotTestable("no real step can equal a padding value that is not finite")
    with_zeros = case.table.copy()
    with_zeros[rows, case.lengths[rows] // 2] = case.padding_value
    interior = (
        np.arange(case.width) < case.lengths[:, None] - 1
    )  # a last step of zeros would look like padding
    interior &= (with_zeros == case.padding_value).all(axis=2)
    at_value = case.predict(with_zeros)
    shift = 1e-5 * case.scale * interior[..., None]
    nearby = (case.predict(with_zeros + shift) + case.predict(with_zeros - shift)) / 2
    yield rows, case.predictions[rows] + (nearby - at_value)[rows]


EXPERIMENTS = {
    "padding content": padding_content,
    "padding amount": padding_amount,
    "order": order,
    "neighbours": neighbours,
    "batch size": batch_size,
    "true zeros": true_zeros,
}
