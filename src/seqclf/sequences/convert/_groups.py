"""Rows of a table -> rows grouped by sequence and ordered by time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Rows of a table by sequence.

    `order` lists the rows; None if they are in order already. Sequence `i` is `order[offsets[i]:offsets[i + 1]]`.
    """

    order: NDArray[np.int64] | None
    offsets: NDArray[np.int64]

    def arrange(self, column: NDArray[Any]) -> NDArray[Any]:
        """Return the column in the order of the groups."""
        return column if self.order is None else column[self.order]

    def row(self, position: int) -> int:
        """Return the row of the table at a position of the order."""
        return position if self.order is None else int(self.order[position])


def group_rows(codes: NDArray[Any], time: NDArray[Any] | None, n_groups: int) -> Groups:
    """Order rows by group and then by time; every group has a row."""
    codes = codes.astype(np.int64, copy=False)
    offsets = np.zeros(n_groups + 1, dtype=np.int64)
    np.cumsum(np.bincount(codes, minlength=n_groups), out=offsets[1:])
    order = None if (codes[1:] >= codes[:-1]).all() else _stable_order(codes)
    groups = Groups(order, offsets)
    if time is None or _increases(groups.arrange(time), offsets):
        return groups
    if time.dtype.kind in "mM":
        time = time.view(np.int64)
    if time.dtype.kind in "iu":
        span = int(time.max()) - int(time.min()) + 1
        if span * n_groups <= 1 << (63 - len(codes).bit_length()):
            since_first = time.astype(np.int64) - time.min().astype(np.int64)  # in int8, it could overflow
            return Groups(_stable_order(codes * span + since_first), offsets)
    by_time = np.argsort(time)
    return Groups(by_time[_stable_order(codes[by_time])], offsets)


def repeated(values: NDArray[Any], offsets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of `values[1:]` belong to the same group as the value before and equal it."""
    same: NDArray[np.bool_] = values[1:] == values[:-1]
    same[offsets[1:-1] - 1] = False
    return same


def changed(values: NDArray[Any], offsets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of `values[1:]` belong to the same group as the value before and differ from it."""
    differ: NDArray[np.bool_] = np.asarray(values[1:] != values[:-1], dtype=np.bool_)
    differ[offsets[1:-1] - 1] = False
    return differ


def _increases(time: NDArray[Any], offsets: NDArray[np.int64]) -> bool:
    later: NDArray[np.bool_] = time[1:] >= time[:-1]
    later[offsets[1:-1] - 1] = True
    return bool(later.all())


def _stable_order(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a stable argsort of small numbers: keys that hold the position sort faster than an argsort."""
    bits = len(codes).bit_length()
    keys = (codes << bits) | np.arange(len(codes), dtype=np.int64)
    keys.sort()
    keys &= (1 << bits) - 1
    return keys
