"""Memory for states and gradients, used again when a tensor is gone."""

from __future__ import annotations

import math
import weakref

import numpy as np
import torch
from torch import Tensor

_SMALLEST = 1 << 16
"""Floats below which torch's own allocation is as good."""
_KEPT = 1 << 28
"""Floats (1 GiB) that are kept at most; what is given back beyond goes back to the system."""


_Block = np.ndarray[tuple[int], np.dtype[np.float32]]


class Buffers:
    """Blocks of float32 memory, kept between calls.

    A block fresh from the system costs a page fault for each 4 KiB when it is first written, which takes longer than
    the recurrence of a small network takes to fill it.
    """

    def __init__(self) -> None:
        self._free: dict[tuple[int, int], _Block] = {}

    def empty(self, *shape: int) -> Tensor:
        """Return a tensor of this shape whose content is arbitrary."""
        size = math.prod(shape)
        if size < _SMALLEST:
            return torch.empty(shape, dtype=torch.float32, device="cpu")  # whatever torch's defaults are
        block = self._take(size)
        view = block[:size]
        # The tensor keeps the view alive, and the view's end gives the block back.
        weakref.finalize(view, self._give_back, block).atexit = False
        return torch.from_numpy(view).view(shape)

    def _take(self, size: int) -> _Block:
        # A dict's `pop` is atomic: no lock, which a garbage collection in the middle of it could ask for again.
        for key in sorted(self._free):
            if size <= key[0] <= 2 * size and (block := self._free.pop(key, None)) is not None:
                return block
        return np.empty(_rounded_up(size), dtype=np.float32)

    def _give_back(self, block: _Block) -> None:
        # The oldest ones go first: sizes that come no more must not keep out those that do.
        for key in list(self._free):
            if sum(size for size, _ in list(self._free)) + len(block) <= _KEPT:
                break
            self._free.pop(key, None)
        if len(block) <= _KEPT:
            self._free[len(block), id(block)] = block


def _rounded_up(size: int) -> int:
    """Return a size of a coarse grid, an eighth apart: batches of about equal size then share blocks."""
    grain = 1 << max(size.bit_length() - 4, 0)
    return -(-size // grain) * grain
