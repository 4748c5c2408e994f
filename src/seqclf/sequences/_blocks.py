"""Rows in blocks: temporaries stay small, whatever the array's size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray

ELEMENTS_PER_BLOCK = (
    1 << 20
)  # 8 MB of float64: about a processor's cache, and little beside a memory-mapped file


def row_blocks(array: NDArray[Any]) -> Iterator[slice]:
    """Yield slices that cover the rows of `array` in order, each of about a million elements."""
    n_rows = array.shape[0]
    step = max(1, ELEMENTS_PER_BLOCK * n_rows // max(1, array.size))
    for start in range(0, n_rows, step):
        yield slice(start, min(start + step, n_rows))
