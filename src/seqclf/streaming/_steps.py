"""The step before each step of a chunk: in the chunk, or the last one of the push before."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from seqclf.sequences import Sequences


def new_context(n_streams: int, n_features: int) -> Tensor:
    """Return the last steps of streams that have not begun: NaN, (n_streams, n_features), float64, which holds float32 exactly."""
    return torch.full((n_streams, n_features), torch.nan, dtype=torch.float64, device="cpu")


def previous(chunk: Sequences, context: Tensor) -> Tensor:
    """Return the step before each step, and the step itself where a stream begins: the shape of `chunk.values`."""
    values = chunk.values
    before = torch.cat([values[:1], values[:-1]])
    before[chunk.offsets[:-1]] = context.to(values.dtype)
    return torch.where(before.isnan(), values, before)


def last(values: Tensor, offsets: Tensor) -> Tensor:
    """Return the last step of each stream, a copy, in the precision of a context."""
    return values[offsets[1:] - 1].double()


def stream_of_steps(offsets: Tensor, n_steps: int) -> Tensor:
    """Return the row of the stream of each step, (n_steps,)."""
    rows = torch.arange(offsets.shape[0] - 1, device=offsets.device)
    return rows.repeat_interleave(offsets.diff(), output_size=n_steps)


def merged(parts: Sequence[tuple[Tensor, Tensor]], n_streams: int) -> tuple[Tensor, Tensor]:
    """Return the steps of several parts, those of the first part first in each stream, and their offsets.

    A part is its steps, (n_steps, n_features), and the stream of each of them, (n_steps,), which does not decrease.
    """
    stream = torch.cat([of for _, of in parts])
    offsets = torch.nn.functional.pad(torch.bincount(stream, minlength=n_streams).cumsum(0), (1, 0))
    return torch.cat([steps for steps, _ in parts])[stream.argsort(stable=True)], offsets
