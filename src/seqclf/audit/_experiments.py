"""What must not change an answer: one experiment for each invariant."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from seqclf.audit._case import Case
from seqclf.audit._model import Floats, Integers
from seqclf.audit._padding_audit import InvariantCheck

Pairs = Iterator[tuple[Integers, Floats]]
"""Rows, and new answers to them that must be the old ones."""


class NotTestable(Exception):  # noqa: N818 - no error: a reason
    """Why an experiment says nothing about this model."""


def run(name: str, experiment: Callable[[Case], Pairs], case: Case, *, tolerance: float) -> InvariantCheck:
    """Compare all answers of an experiment with the case's own."""
    change, flipped = np.zeros(case.n), np.zeros(case.n, dtype=bool)
    try:
        for rows, answers in experiment(case):
            before = case.answers[rows]
            change[rows] = np.maximum(change[rows], abs(answers - before).max(axis=1))
            flipped[rows] |= (answers.argmax(axis=1) != before.argmax(axis=1)) & (change[rows] > tolerance)
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
    """Ask the same twice."""
    yield np.arange(case.n), case.ask()


def padding_content(case: Case) -> Pairs:
    """Write other numbers over the padding."""
    if not case.model.takes_lengths:
        raise NotTestable("the model takes no lengths: it cannot know what is padding")
    hidden = case.is_padding
    if not hidden.any():
        raise NotTestable("no row is padded")
    noise = case.rng.normal(size=case.table.shape)
    for garbage in (noise * case.scale, case.padding_value + 10 * case.scale * (1 + abs(noise))):
        yield np.arange(case.n), case.ask(np.where(hidden[..., None], garbage, case.table))


def padding_amount(case: Case) -> Pairs:
    """Pad more, and no more than the longest needs."""
    longest = int(case.lengths.max())
    widths = [case.width + 1, 2 * case.width + 7] + ([longest] if longest < case.width else [])
    reasons = []
    for width in widths:
        try:
            answers = case.ask(case.widened(width))
        except Exception as error:  # whatever a model says to a width that it does not take
            reasons.append(f"{type(error).__name__} at {width} columns instead of {case.width}")
            continue
        yield np.arange(case.n), answers
    if len(reasons) == len(widths):
        raise NotTestable(f"the model takes tables of one width only ({reasons[0]})")


def order(case: Case) -> Pairs:
    """Put the rows in other orders."""
    by_length = np.argsort(case.lengths, kind="stable")
    for rows in (
        np.arange(case.n)[::-1].copy(),
        by_length,
        by_length[::-1].copy(),
        case.rng.permutation(case.n),
    ):
        yield rows, case.ask(rows=rows)


def neighbours(case: Case) -> Pairs:
    """Change what every second row holds, not how long it is, and look at the others."""
    changed = 3 * case.table + case.scale * (1 + case.rng.normal(size=case.table.shape))
    changed = np.where(case.is_padding[..., None], case.table, changed)
    for first in (0, 1):
        kept = np.arange(first, case.n, 2)
        table = changed.copy()
        table[kept] = case.table[kept]
        yield kept, case.ask(table)[kept]


def batch_size(case: Case) -> Pairs:
    """Ask for one sequence at a time, and for three."""
    for size in (1, 3):
        for rows in np.split(np.arange(case.n), range(size, case.n, size)):
            yield rows, case.ask(rows=rows)


def true_zeros(case: Case) -> Pairs:
    """Move steps that equal the padding value by next to nothing.

    Up and down by as much: an answer that is a smooth function of the step has the mean of the two in between, one that
    treats the value as a mark jumps.
    """
    rows = np.flatnonzero(case.lengths >= 3)
    if not rows.size:
        raise NotTestable("no sequence has a step inside")
    if not np.isfinite(case.padding_value):
        raise NotTestable("the padding value is no number that a real step could have")
    with_zeros = case.table.copy()
    with_zeros[rows, case.lengths[rows] // 2] = case.padding_value
    inside = (
        np.arange(case.width) < case.lengths[:, None] - 1
    )  # the last step stays: it may not look like padding
    inside &= (with_zeros == case.padding_value).all(axis=2)
    at_value = case.ask(with_zeros)
    small = 1e-5 * case.scale * inside[..., None]
    nearby = (case.ask(with_zeros + small) + case.ask(with_zeros - small)) / 2
    yield rows, case.answers[rows] + (nearby - at_value)[rows]
