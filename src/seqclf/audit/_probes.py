"""Experiments that distinguish one mistake from another."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqclf.audit._arrays import Floats
from seqclf.audit._case import Case, centred_logits


def is_permuted(case: Case, *, tolerance: float) -> bool:
    """Return whether a batch gets the predictions of its sequences alone, but in other rows."""
    alone = np.concatenate([case.predict(rows=np.array([i])) for i in range(case.n)])
    matches = abs(alone[:, None] - case.predictions[None]).max(axis=2) <= tolerance  # (alone, in the batch)
    return bool(matches.any(axis=0).all() and matches.any(axis=1).all())


def affects_later_rows_only(case: Case, *, tolerance: float) -> bool:
    """Return whether a changed row affects the predictions of later rows, but not of earlier ones."""
    middle = case.n // 2
    table = case.table.copy()
    table[middle] += 3 * case.scale  # its padding too: with swapped axes a column is a sequence
    change = abs(case.predict(table) - case.predictions).max(axis=1)
    return bool((change[:middle] <= tolerance).all() and (change[middle + 1 :] > tolerance).any())


def short_rows_are_alike(case: Case, *, tolerance: float) -> bool:
    """Return whether all rows shorter than the longest get one prediction in a batch, but not alone."""
    short = np.flatnonzero(case.lengths < case.lengths.max())
    if short.size < 2:
        return False
    in_batch = np.ptp(case.predict()[short], axis=0).max()
    alone = np.concatenate([case.model(case.table[[i], : case.lengths[i]], case.lengths[[i]]) for i in short])
    return bool(in_batch <= tolerance < np.ptp(alone, axis=0).max())


def shrinks_with_width(case: Case) -> bool:
    """Return whether logits approach a limit as 1 / width, as a sum divided by the width does.

    A row as long as the table is added: after packing, the longest sequence sets the width.
    """
    at = [_with_a_full_row(case, factor * case.width) for factor in (1, 2, 4)]
    first, second = abs(at[1] - at[0]).sum(), abs(at[2] - at[1]).sum()
    return bool(first > 0 and 0.4 < second / first < 0.6)  # (1/2 - 1/4) / (1 - 1/2) = 1/2


class PaddedSteps:
    """How much a change of one padded step moves the logits, as medians over the padded rows."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._padded = np.flatnonzero(case.lengths < case.width)
        self.first = self._effect(1, case.lengths[self._padded])
        self.last = self._effect(1, case.width - 1)
        self.last_at_twice_the_width = self._effect(2, 2 * case.width - 1)

    @property
    def are_averaged(self) -> bool:
        """A step in a mean over all columns counts half as much at twice the width."""
        return self.last > 0 and 0.35 < self.last_at_twice_the_width / self.last < 0.7

    @property
    def fade_with_distance(self) -> bool:
        """A backward direction that starts in the padding has forgotten most of it at the last real step."""
        return self.first > 3 * self.last

    def _effect(self, factor: int, column: Any) -> float:
        rows, table = self._padded, self._case.resized(factor * self._case.width)
        changed = table.copy()
        changed[rows, column] += 0.1 * self._case.scale
        difference = abs(
            centred_logits(self._case.predict(changed)) - centred_logits(self._case.predict(table))
        )
        return float(np.median(difference[rows], axis=0).sum()) if rows.size else 0.0


def ends_are_ignored(case: Case, *, tolerance: float) -> bool:
    """Return whether the last step of a sequence loses its effect once the sequence contains zeros."""
    long = np.flatnonzero(case.lengths >= 4)
    table = case.table.copy()
    table[long, 1] = case.padding_value
    table[long, 2] = case.padding_value
    changed = table.copy()
    changed[long, case.lengths[long] - 1] += 2 * case.scale
    change = abs(case.predict(changed) - case.predict(table))[long].max(axis=1)
    # The median: the change may turn a last step of zeros into a real one, which then has an effect.
    return bool(long.size and np.median(change) <= tolerance)


def _with_a_full_row(case: Case, width: int) -> Floats:
    """Return the logits of the case's rows at this width, beside one more row that fills it."""
    full_row = case.scale * np.random.default_rng(0).normal(size=(1, width, case.table.shape[2]))
    table = np.concatenate([case.resized(width), full_row])
    return centred_logits(case.model(table, np.append(case.lengths, width)))[: case.n]
