"""Windows that slide over the steps of streams, and the steps that later windows need."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from seqclf.streaming._steps import stream_of_steps


class Waiting(NamedTuple):
    """The steps of each stream that are still needed.

    Attributes
    ----------
    steps : Tensor of shape (n_streams, size - 1, n_features)
        The last steps; the `n_needed` last of them are needed, the others are 0.
    n_needed : Tensor of shape (n_streams,), int64
        If negative, so many steps are left out before the next window begins.
    """

    steps: Tensor
    n_needed: Tensor


def start_waiting(n_streams: int, size: int, n_features: int, n_zeros: int, dtype: torch.dtype) -> Waiting:
    """Return `n_zeros` steps of zeros, as they stand before the first step of each stream."""
    return Waiting(
        torch.zeros(n_streams, size - 1, n_features, dtype=dtype, device="cpu"),
        torch.full((n_streams,), n_zeros, dtype=torch.int64, device="cpu"),
    )


def slide(
    waiting: Waiting, values: Tensor, offsets: Tensor, *, stride: int, zeros_after: int = 0
) -> tuple[Tensor, Tensor, Waiting]:
    """Return all windows that the new steps complete, their offsets, and the steps that still wait.

    Windows are (n_windows, size, n_features). `zeros_after` steps of zeros follow the new steps of each stream.
    """
    if waiting.n_needed.shape[0] == 1:
        return _slide_one(waiting, values, stride, zeros_after)
    steps, count = waiting
    n_streams, kept, width = steps.shape
    size = kept + 1
    lengths = offsets.diff()
    total = count + lengths + zeros_after  # steps from the beginning of the next window on
    n_windows = ((total - size).div(stride, rounding_mode="floor") + 1).clamp(min=0)
    window_offsets = torch.nn.functional.pad(n_windows.cumsum(0), (1, 0))
    # All rows in one table: the waiting ones of all streams, the new ones, and a row of zeros.
    table = torch.cat([steps.reshape(-1, width), values, values.new_zeros(1, width)])

    def rows(stream: Tensor, position: Tensor) -> Tensor:
        """Return the rows of positions of streams, counted from the beginning of the next window."""
        of_count = count[stream]
        old = stream * kept + kept - of_count + position
        new = n_streams * kept + offsets[:-1][stream] + position - of_count
        place = torch.where(position < of_count, old, new)
        is_zero = (position < 0) | (position >= of_count + lengths[stream])
        return torch.where(is_zero, table.shape[0] - 1, place)

    stream = stream_of_steps(window_offsets, int(window_offsets[-1]))
    number = torch.arange(stream.shape[0], device=stream.device) - window_offsets[:-1][stream]
    within = torch.arange(size, device=stream.device)
    windows = table[rows(stream[:, None], (number * stride)[:, None] + within)]
    rest = total - n_windows * stride
    everyone = torch.arange(n_streams, device=stream.device)[:, None]
    ends = torch.arange(-kept, 0, device=stream.device)
    positions = total[:, None] + ends  # the last ones; only `rest` of them are needed
    needed = ends >= -rest[:, None]
    after = table[rows(everyone, torch.where(needed, positions, -1))]
    return windows, window_offsets, Waiting(after, rest)


def _slide_one(
    waiting: Waiting, values: Tensor, stride: int, zeros_after: int
) -> tuple[Tensor, Tensor, Waiting]:
    """Do the same for a single stream, at a tenth of the cost: most calls are about one step of one stream."""
    kept, width = waiting.steps.shape[1:]
    size, count = kept + 1, int(waiting.n_needed)
    parts = [waiting.steps[0, kept - max(count, 0) :], values]
    if zeros_after:
        parts.append(values.new_zeros(zeros_after, width))
    row = torch.cat(parts)[max(-count, 0) :]  # from the beginning of the next window on
    n_windows = max((row.shape[0] - size) // stride + 1, 0)
    windows = row.unfold(0, size, stride).transpose(1, 2) if n_windows else row.new_empty(0, size, width)
    rest = count + values.shape[0] + zeros_after - n_windows * stride
    after = torch.zeros_like(waiting.steps)
    if rest > 0:
        after[0, kept - rest :] = row[n_windows * stride :]
    offsets = torch.tensor([0, n_windows], dtype=torch.int64, device=values.device)
    return windows, offsets, Waiting(after, torch.full_like(waiting.n_needed, rest))
