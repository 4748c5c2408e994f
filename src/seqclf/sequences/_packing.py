"""`Sequences` <-> `PackedSequence`, without a padded step between."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences, _offsets_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PackingOrder:
    """Where each step goes when sequences are packed: `data = values[index]`, `values = data[inverse]`.

    Attributes
    ----------
    index : torch.Tensor of shape (n_steps,), int64
        The step of `values` at each place of `data`.
    inverse : torch.Tensor of shape (n_steps,), int64
        The place in `data` of each step of `values`.
    batch_sizes : torch.Tensor of shape (max_length,), int64
        How many sequences reach each time step; always on the CPU.
    sorted_indices : torch.Tensor of shape (n_sequences,), int64
        The longest sequence first, equal ones in their order.
    unsorted_indices : torch.Tensor of shape (n_sequences,), int64
        The inverse of `sorted_indices`.

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
    """Order steps by time, and within a time step by falling length of their sequence.

    Parameters
    ----------
    offsets : torch.Tensor of shape (n_sequences + 1,), int64
        As in `Sequences`.
    reverse : bool, default=False
        Read each sequence from its last step to its first.

    Returns
    -------
    PackingOrder
        On the device of `offsets`, but for `batch_sizes`.

    Examples
    --------
    >>> from seqclf.sequences import as_sequences, packing_order
    >>> offsets = as_sequences([[1], [2, 3, 4]]).offsets
    >>> packing_order(offsets).index
    tensor([1, 0, 2, 3])
    >>> packing_order(offsets, reverse=True).index
    tensor([3, 0, 2, 1])
    """
    batch_sizes, sorted_indices = _ranks(offsets)
    index = _index(offsets, batch_sizes, sorted_indices, reverse=reverse)
    return PackingOrder(
        index=index,
        inverse=_inverse(index),
        batch_sizes=batch_sizes,
        sorted_indices=sorted_indices,
        unsorted_indices=_inverse(sorted_indices),
    )


def _ranks(offsets: Tensor) -> tuple[Tensor, Tensor]:
    """Return how many sequences reach each time step, and the sequences by falling length."""
    lengths = offsets.diff()
    sorted_indices = torch.sort(lengths, descending=True, stable=True).indices
    # Of n sequences, n - (those of length <= t) reach time step t.
    batch_sizes = lengths.shape[0] - torch.bincount(lengths.cpu())[:-1].cumsum(0)
    return batch_sizes, sorted_indices


def _index(offsets: Tensor, batch_sizes: Tensor, sorted_indices: Tensor, *, reverse: bool = False) -> Tensor:
    """Find the step of `values` at each place of `data`, given the ranks of the sequences."""
    n_steps = int(batch_sizes.sum())
    # Place k of `data` belongs to time step `time[k]` of the sequence of rank `rank[k]`.
    sizes = batch_sizes.to(offsets.device)
    time = torch.repeat_interleave(sizes, output_size=n_steps)
    rank = torch.arange(n_steps, device=offsets.device) - _offsets_of(sizes)[time]
    if reverse:
        return (offsets[1:] - 1)[sorted_indices][rank] - time
    return offsets[:-1][sorted_indices][rank] + time


def _inverse(permutation: Tensor) -> Tensor:
    inverse = torch.empty_like(permutation)
    inverse[permutation] = torch.arange(permutation.shape[0], device=permutation.device)
    return inverse


def pack(sequences: Sequences) -> PackedSequence:
    """Convert to torch's packed layout, for `torch.nn.RNN`, `GRU` and `LSTM`.

    Parameters
    ----------
    sequences : Sequences
        At least one, in any order of lengths.

    Returns
    -------
    torch.nn.utils.rnn.PackedSequence
        Its `unsorted_indices` make torch's layers return hidden states in the order of `sequences`.

    Raises
    ------
    InvalidSequenceError
        If there is no sequence.

    Notes
    -----
    Gradients flow through the values. No padded tensor is built on the way, unlike in
    `torch.nn.utils.rnn.pack_padded_sequence`.

    Examples
    --------
    >>> from seqclf.sequences import as_sequences, pack
    >>> packed = pack(as_sequences([[1.0], [2.0, 3.0, 4.0], [5.0, 6.0]]))
    >>> packed.data.flatten(), packed.batch_sizes
    (tensor([2., 5., 1., 3., 6., 4.]), tensor([3, 2, 1]))
    """
    if len(sequences) == 0:
        raise InvalidSequenceError(
            "`sequences` must hold at least one sequence to pack; got none. Skip empty batches."
        )
    batch_sizes, sorted_indices = _ranks(sequences.offsets)
    index = _index(sequences.offsets, batch_sizes, sorted_indices)
    data = _narrow(sequences.values).index_select(0, index).reshape(-1, sequences.n_features)
    return PackedSequence(data, batch_sizes, sorted_indices, _inverse(sorted_indices))


def unpack(packed: PackedSequence) -> Sequences:
    """Convert from torch's packed layout, in the order in which the sequences were packed.

    Parameters
    ----------
    packed : torch.nn.utils.rnn.PackedSequence
        With data of shape (n_steps,) or (n_steps, n_features), for example the output of `torch.nn.GRU`.

    Returns
    -------
    Sequences
        In the dtype and on the device of `packed`; gradients flow through the values.

    Raises
    ------
    TypeError
        If `packed` is not a `PackedSequence`.
    InvalidSequenceError
        If each step is more than a vector.

    Examples
    --------
    >>> from seqclf.sequences import as_sequences, pack, unpack
    >>> sequences = as_sequences([[1.0], [2.0, 3.0, 4.0], [5.0, 6.0]])
    >>> unpack(pack(sequences)) == sequences
    True
    """
    if not isinstance(packed, PackedSequence):
        raise TypeError(
            f"`packed` must be a PackedSequence; got {type(packed).__name__}. For padded arrays use `unpad`, "
            "for anything else `as_sequences`."
        )
    data = packed.data
    if data.ndim > 2:
        raise InvalidSequenceError(
            f"Packed data must have shape (n_steps,) or (n_steps, n_features); got {tuple(data.shape)}. "
            "Flatten the features of each step."
        )
    data = data.reshape(data.shape[0], -1)
    sizes = packed.batch_sizes
    n_sequences = int(sizes[0])
    # The sequence of rank r has a step at each time step that more than r sequences reach.
    reached = torch.searchsorted(sizes.flip(0), torch.arange(n_sequences), right=True)
    lengths = (sizes.shape[0] - reached).to(data.device)
    sorted_indices, unsorted_indices = packed.sorted_indices, packed.unsorted_indices
    if sorted_indices is None or unsorted_indices is None:  # packed with enforce_sorted=True
        sorted_indices = unsorted_indices = torch.arange(n_sequences, device=data.device)
    offsets = _offsets_of(lengths[unsorted_indices])
    # Ranks of equal lengths are the packer's choice, so its own ranks are used, not `packing_order`'s.
    index = _index(offsets, sizes, sorted_indices)
    narrow = _narrow(data)
    values = torch.empty_like(narrow).index_copy(0, index, narrow)
    return Sequences._trusted(values.reshape(data.shape), offsets)


def _narrow(steps: Tensor) -> Tensor:
    """Drop the axis of a single feature: torch moves numbers several times faster than rows of one number."""
    return steps[:, 0] if steps.shape[1] == 1 else steps
