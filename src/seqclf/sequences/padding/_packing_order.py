"""The order of steps in torch's packed layout."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from seqclf.sequences._layout import offsets_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PackingOrder:
    """The permutation that packs steps: `data = values[index]` and `values = data[inverse]`.

    Attributes
    ----------
    index : torch.Tensor of shape (n_steps,), int64
        Row of `values` for each row of `data`.
    inverse : torch.Tensor of shape (n_steps,), int64
        Row of `data` for each row of `values`.
    batch_sizes : torch.Tensor of shape (max_length,), int64
        Number of sequences that have a step at each time; always on the CPU.
    sorted_indices : torch.Tensor of shape (n_sequences,), int64
        Sequences by decreasing length; sequences of equal length keep their order.
    unsorted_indices : torch.Tensor of shape (n_sequences,), int64
        Inverse of `sorted_indices`.

    Examples
    --------
    >>> from seqclf.sequences import as_sequences, packing_order
    >>> packing_order(as_sequences([[1], [2, 3, 4]]).offsets).batch_sizes
    tensor([2, 1, 1])
    """

    index: Tensor
    inverse: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor
    unsorted_indices: Tensor


def packing_order(offsets: Tensor, *, reverse: bool = False) -> PackingOrder:
    """Order steps by time, and steps of the same time by decreasing length of their sequence.

    Parameters
    ----------
    offsets : torch.Tensor of shape (n_sequences + 1,), int64
        Offsets of `Sequences`.
    reverse : bool, default=False
        Order each sequence from its last step to its first.

    Returns
    -------
    PackingOrder
        On the device of `offsets`, except `batch_sizes`.

    Examples
    --------
    >>> from seqclf.sequences import as_sequences, packing_order
    >>> offsets = as_sequences([[1], [2, 3, 4]]).offsets
    >>> packing_order(offsets).index
    tensor([1, 0, 2, 3])
    >>> packing_order(offsets, reverse=True).index
    tensor([3, 0, 2, 1])
    """
    batch_sizes, sorted_indices = rank_by_length(offsets)
    index = packed_index(offsets, batch_sizes, sorted_indices, reverse=reverse)
    return PackingOrder(
        index=index,
        inverse=inverse_of(index),
        batch_sizes=batch_sizes,
        sorted_indices=sorted_indices,
        unsorted_indices=inverse_of(sorted_indices),
    )


def rank_by_length(offsets: Tensor) -> tuple[Tensor, Tensor]:
    """Return the number of sequences at each time, and the sequences by decreasing length."""
    lengths = offsets.diff()
    sorted_indices = torch.sort(lengths, descending=True, stable=True).indices
    # Of n sequences, n - (number of lengths <= t) have a step at time t.
    batch_sizes = lengths.shape[0] - torch.bincount(lengths.cpu())[:-1].cumsum(0)
    return batch_sizes, sorted_indices


def packed_index(
    offsets: Tensor, batch_sizes: Tensor, sorted_indices: Tensor, *, reverse: bool = False
) -> Tensor:
    """Return the row of `values` for each row of `data`."""
    n_steps = int(batch_sizes.sum())
    # Row k of `data` is step `time[k]` of the sequence of rank `rank[k]`.
    sizes = batch_sizes.to(offsets.device)
    time = torch.repeat_interleave(sizes, output_size=n_steps)
    rank = torch.arange(n_steps, device=offsets.device) - offsets_of(sizes)[time]
    if reverse:
        return (offsets[1:] - 1)[sorted_indices][rank] - time
    return offsets[:-1][sorted_indices][rank] + time


def inverse_of(permutation: Tensor) -> Tensor:
    """Return the inverse permutation."""
    inverse = torch.empty_like(permutation)
    inverse[permutation] = torch.arange(permutation.shape[0], device=permutation.device)
    return inverse
