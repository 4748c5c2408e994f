"""Blocks of rows, so that temporary arrays stay small, and of a file little is resident."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray

ELEMENTS_PER_BLOCK = 1 << 20  # 8 MB of float64: fits a CPU cache, and little next to a memory-mapped file

STEPS_PER_BLOCK = 1 << 20
"""Steps of sequences that are read at once."""


def row_blocks(array: NDArray[Any]) -> Iterator[slice]:
    """Yield slices that cover the rows of `array` in order, about a million elements each."""
    n_rows = array.shape[0]
    step = max(1, ELEMENTS_PER_BLOCK * n_rows // max(1, array.size))
    for start in range(0, n_rows, step):
        yield slice(start, min(start + step, n_rows))
