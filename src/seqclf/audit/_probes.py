"""Which mistake is it? Experiments whose outcome tells one from another."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqclf.audit._case import Case, evidence
from seqclf.audit._model import Floats


def is_permuted(case: Case, *, tolerance: float) -> bool:
    """Tell whether a batch has the answers that its sequences have alone, but at other rows."""
    alone = np.concatenate([case.ask(rows=np.array([i])) for i in range(case.n)])
    apart = abs(alone[:, None] - case.answers[None]).max(axis=2) <= tolerance  # (alone, in the batch)
    return bool(apart.any(axis=0).all() and apart.any(axis=1).all())


def follows_earlier_rows_only(case: Case, *, tolerance: float) -> bool:
    """Tell whether a changed row reaches the answers of rows behind it, and of none before it."""
    middle = case.n // 2
    table = case.table.copy()
    table[middle] += 3 * case.scale  # the padding as well: with swapped axes a column is a sequence
    change = abs(case.ask(table) - case.answers).max(axis=1)
    return bool((change[:middle] <= tolerance).all() and (change[middle + 1 :] > tolerance).any())


def short_rows_are_alike(case: Case, *, tolerance: float) -> bool:
    """Tell whether all rows shorter than the longest get one answer, and alone get different ones."""
    short = np.flatnonzero(case.lengths < case.lengths.max())
    if short.size < 2:
        return False
    in_batch = np.ptp(case.ask()[short], axis=0).max()
    alone = np.concatenate([case.model(case.table[[i], : case.lengths[i]], case.lengths[[i]]) for i in short])
    return bool(in_batch <= tolerance < np.ptp(alone, axis=0).max())


def shrinks_with_width(case: Case) -> bool:
    """Tell whether answers approach a limit as one over the width, as a sum divided by the width does.

    A row as long as the table is put beside the others: after packing, the longest sequence sets the width.
    """
    at = [_beside_a_long_row(case, factor * case.width) for factor in (1, 2, 4)]
    first, second = abs(at[1] - at[0]).sum(), abs(at[2] - at[1]).sum()
    return bool(first > 0 and 0.4 < second / first < 0.6)  # (1/2 - 1/4) / (1 - 1/2) = 1/2


class PaddedSteps:
    """How much a change of one padded step moves the answers, as medians over the padded rows."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._padded = np.flatnonzero(case.lengths < case.width)
        self.first = self._effect(1, case.lengths[self._padded])
        self.last = self._effect(1, case.width - 1)
        self.last_of_twice_as_many = self._effect(2, 2 * case.width - 1)

    @property
    def are_averaged(self) -> bool:
        """A step of a mean over all columns counts half as much among twice as many."""
        return self.last > 0 and 0.35 < self.last_of_twice_as_many / self.last < 0.7

    @property
    def fade_with_distance(self) -> bool:
        """A backward direction that starts in the padding has forgotten most of it at the last real step."""
        return self.first > 3 * self.last

    def _effect(self, factor: int, column: Any) -> float:
        rows, table = self._padded, self._case.widened(factor * self._case.width)
        changed = table.copy()
        changed[rows, column] += 0.1 * self._case.scale
        difference = abs(evidence(self._case.ask(changed)) - evidence(self._case.ask(table)))
        return float(np.median(difference[rows], axis=0).sum()) if rows.size else 0.0


def ends_are_ignored(case: Case, *, tolerance: float) -> bool:
    """Tell whether the last step of a sequence stops counting once zeros stand inside it."""
    long = np.flatnonzero(case.lengths >= 4)
    table = case.table.copy()
    table[long, 1] = case.padding_value
    table[long, 2] = case.padding_value
    changed = table.copy()
    changed[long, case.lengths[long] - 1] += 2 * case.scale
    change = abs(case.ask(changed) - case.ask(table))[long].max(axis=1)
    return bool(
        long.size and np.median(change) <= tolerance
    )  # of most: a last step that was zero itself is new


def _beside_a_long_row(case: Case, width: int) -> Floats:
    """Return what the answers rest on, in a table of this width whose last row fills it."""
    long_row = case.scale * np.random.default_rng(0).normal(size=(1, width, case.table.shape[2]))
    table = np.concatenate([case.widened(width), long_row])
    return evidence(case.model(table, np.append(case.lengths, width)))[: case.n]
