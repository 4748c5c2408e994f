"""Memory for states and gradients, reused once its tensor is freed."""

from __future__ import annotations

import math
import weakref

import numpy as np
import torch
from torch import Tensor

_SMALLEST = 1 << 16
"""Number of floats below which torch's own allocation is as fast."""
_KEPT = 1 << 28
"""Maximum number of floats kept (1 GiB); memory returned beyond that is freed."""
_PATIENCE = 64
"""Number of requests after which a block that none of them used is freed; a training step makes several for each layer."""


_Block = np.ndarray[tuple[int], np.dtype[np.float32]]


class Buffers:
    """Blocks of float32 memory, kept between calls.

    The first write to a newly allocated block costs one page fault per 4 KiB. For a small network these faults take
    longer than the recurrence that fills the block.
    """

    def __init__(self) -> None:
        # (size, id) -> the block, and the number of requests before it was returned
        self._free: dict[tuple[int, int], tuple[_Block, int]] = {}
        self._requests = 0

    def empty(self, *shape: int) -> Tensor:
        """Return an uninitialised tensor of this shape."""
        size = math.prod(shape)
        if size < _SMALLEST:
            return torch.empty(
                shape, dtype=torch.float32, device="cpu"
            )  # explicit: torch's defaults may differ
        block = self._take(size)
        view = block[:size]
        # The tensor keeps the view alive; finalising the view returns the block.
        weakref.finalize(view, self._give_back, block).atexit = False
        return torch.from_numpy(view).view(shape)

    def _take(self, size: int) -> _Block:
        # `dict.pop` is atomic, so no lock is needed. With one, a garbage collection inside the locked section would
        # deadlock in `_give_back`.
        self._requests += 1
        self._drop_unused()
        for key in sorted(self._free):
            if size <= key[0] <= 2 * size and (found := self._free.pop(key, None)) is not None:
                return found[0]
        return np.empty(_rounded_up(size), dtype=np.float32)

    def _drop_unused(self) -> None:
        for key in list(self._free):  # not of items(), during which a garbage collection could return a block
            if (found := self._free.get(key)) is not None and self._requests - found[1] > _PATIENCE:
                self._free.pop(key, None)

    def _give_back(self, block: _Block) -> None:
        # Evict the oldest blocks first, so that sizes no longer in use do not displace those that are.
        for key in list(self._free):
            if sum(size for size, _ in list(self._free)) + len(block) <= _KEPT:
                break
            self._free.pop(key, None)
        if len(block) <= _KEPT:
            self._free[len(block), id(block)] = block, self._requests


def _rounded_up(size: int) -> int:
    """Round up to a grid with steps of about 1/8, so that batches of similar size share blocks."""
    grain = 1 << max(size.bit_length() - 4, 0)
    return -(-size // grain) * grain
