"""Selection of ragged steps: integers, slices, boolean masks, index arrays, and the first steps of each sequence."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from seqclf.sequences._layout import offsets_of
from seqclf.sequences._mapping import note_rows
from seqclf.sequences._tokens import Tokens

Fields = tuple[Tensor, Tensor, Tensor | None, Tokens | None]
"""`values`, `offsets`, `static` and `tokens`."""


def steps_of(offsets: Tensor, i: int) -> slice:
    """Return the rows of `values` that hold sequence `i`; negative `i` counts from the end."""
    n = offsets.shape[0] - 1
    if not -n <= i < n:
        raise IndexError(f"Index must lie in [{-n}, {n}); got {i}.")
    return slice(*offsets[i % n : i % n + 2].tolist())


def select(values: Tensor, offsets: Tensor, static: Tensor | None, tokens: Tokens | None, key: Any) -> Fields:
    """Return the fields of the sequences that a slice, mask or index array selects."""
    n = offsets.shape[0] - 1
    if not isinstance(key, slice):
        return _take(values, offsets, static, tokens, _as_indices(key, n, offsets.device))
    start, stop, step = key.indices(n)
    if step != 1:
        indices = torch.tensor(range(start, stop, step), dtype=torch.int64, device=offsets.device)
        return _take(values, offsets, static, tokens, indices)
    stop = max(start, stop)
    offsets = offsets[start : stop + 1]
    first, last = int(offsets[0]), int(offsets[-1])
    return (
        values[first:last],
        offsets - first,
        None if static is None else static[start:stop],
        None if tokens is None else tokens.at(slice(first, last)),
    )


def _take(
    values: Tensor, offsets: Tensor, static: Tensor | None, tokens: Tokens | None, indices: Tensor
) -> Fields:
    starts = offsets[:-1][indices]
    lengths = offsets[1:][indices] - starts  # not of all sequences: there may be millions
    taken = offsets_of(lengths)
    # Row k of the result is row k + (old start of its sequence - new start) of `values`.
    shift = torch.repeat_interleave(starts - taken[:-1], lengths)
    rows = shift + torch.arange(shift.shape[0], device=offsets.device)
    fields = (
        values.index_select(0, rows),
        taken,
        None if static is None else static.index_select(0, indices),
        None if tokens is None else tokens.at(rows),
    )
    note_rows(values, n_rows=rows.shape[0], n_places=indices.shape[0])
    return fields


def first_steps(
    values: Tensor, offsets: Tensor, tokens: Tokens | None, n_steps: Any
) -> tuple[Tensor, Tensor, Tokens | None]:
    """Return `values`, `offsets` and `tokens` of the first steps of each sequence: `n_steps[i]` of sequence `i`."""
    kept = _as_counts(n_steps, offsets.diff())
    taken = offsets_of(kept)
    shift = torch.repeat_interleave(offsets[:-1] - taken[:-1], kept)
    rows = shift + torch.arange(shift.shape[0], device=offsets.device)
    return values.index_select(0, rows), taken, None if tokens is None else tokens.at(rows)


def _as_counts(n_steps: Any, lengths: Tensor) -> Tensor:
    """Convert the number of steps to keep of each sequence, or of all, to int64; each in [1, length]."""
    given = n_steps if isinstance(n_steps, Tensor) else torch.from_numpy(np.array(n_steps))
    if given.dtype == torch.bool or given.is_floating_point() or given.is_complex():
        raise TypeError(f"`n_steps` must hold integers; got {given.dtype}. Round shares of lengths first.")
    if given.ndim == 0:
        given = given.expand(lengths.shape[0])
    if given.shape != lengths.shape:
        raise ValueError(
            f"`n_steps` must be one number, or one for each of the {lengths.shape[0]} sequences; got shape {tuple(given.shape)}."
        )
    counts: Tensor = given.to(lengths.device, torch.int64)
    outside = (counts < 1) | (counts > lengths)
    if bool(outside.any()):
        i = int(outside.nonzero()[0])
        raise ValueError(
            f"Each prefix must have at least one step and at most those of its sequence; got n_steps[{i}]={int(counts[i])} for "
            f"a sequence of {int(lengths[i])} steps. Clip to [1, lengths]."
        )
    return counts


def _as_indices(key: Any, n_sequences: int, device: torch.device) -> Tensor:
    """Convert a mask or an array of indices to int64 indices in [0, n_sequences)."""
    if not isinstance(key, Tensor):
        # Copied: torch rejects negative strides and foreign byte orders, and warns about read-only arrays (joblib's).
        array = np.asarray(key)
        key = torch.from_numpy(array.astype(array.dtype.newbyteorder("=")))
    index: Tensor = key.to(device)
    if index.ndim != 1:
        raise IndexError(f"An index array must be one-dimensional; got shape {tuple(index.shape)}.")
    if index.dtype == torch.bool:
        if index.shape[0] != n_sequences:
            raise IndexError(
                f"A mask must have one entry for each of the {n_sequences} sequences; got {index.shape[0]}."
            )
        return index.nonzero().squeeze(1)
    if index.numel() == 0:  # `[]` becomes an array of floats
        return torch.empty(0, dtype=torch.int64, device=device)
    if index.dtype.is_floating_point or index.dtype.is_complex:
        raise IndexError(f"An index array must hold integers or booleans; got {index.dtype}.")
    index = index.to(torch.int64)
    outside = (index < -n_sequences) | (index >= n_sequences)
    if bool(outside.any()):
        at = int(outside.nonzero()[0])
        raise IndexError(
            f"Indices must lie in [{-n_sequences}, {n_sequences}); got {int(index[at])} at position {at}."
        )
    return torch.where(index < 0, index + n_sequences, index)
