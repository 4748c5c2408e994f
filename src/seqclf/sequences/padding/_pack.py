"""`Sequences` <-> torch's `PackedSequence`, without padding in between."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences
from seqclf.sequences._layout import check_is_sequences, offsets_of, refuse_tokens
from seqclf.sequences.padding._packing_order import inverse_of, packed_index, rank_by_length

_DO_NOT_CHANGE = "Change only the `data` of a PackedSequence, and keep their order."


def pack(sequences: Sequences) -> PackedSequence:
    """Convert the steps to torch's packed layout, for `torch.nn.RNN`, `GRU` and `LSTM`.

    Parameters
    ----------
    sequences : Sequences
        At least one, in any order of lengths. `static` is not included in the result.

    Returns
    -------
    torch.nn.utils.rnn.PackedSequence
        With `unsorted_indices`, so torch's layers return hidden states in the order of `sequences`.

    Raises
    ------
    InvalidSequenceError
        If there are no sequences.
    TypeError
        If the sequences have tokens.

    Notes
    -----
    Gradients flow through the values. Unlike `torch.nn.utils.rnn.pack_padded_sequence`, it needs no padded tensor.

    Examples
    --------
    >>> from seqclf.sequences import as_sequences, pack
    >>> packed = pack(as_sequences([[1.0], [2.0, 3.0, 4.0], [5.0, 6.0]]))
    >>> packed.data.flatten(), packed.batch_sizes
    (tensor([2., 5., 1., 3., 6., 4.]), tensor([3, 2, 1]))
    """
    check_is_sequences(sequences)
    refuse_tokens(sequences.tokens, "A packed sequence")
    if len(sequences) == 0:
        raise InvalidSequenceError(
            "`sequences` must hold at least one sequence to pack; got none. Skip empty batches."
        )
    batch_sizes, sorted_indices = rank_by_length(sequences.offsets)
    index = packed_index(sequences.offsets, batch_sizes, sorted_indices)
    data = _squeezed(sequences.values).index_select(0, index).reshape(-1, sequences.n_features)
    return PackedSequence(data, batch_sizes, sorted_indices, inverse_of(sorted_indices))


def unpack(packed: PackedSequence) -> Sequences:
    """Convert from torch's packed layout, in the order in which the sequences were packed.

    Parameters
    ----------
    packed : torch.nn.utils.rnn.PackedSequence
        With data of shape (n_steps,) or (n_steps, n_features), for example the output of `torch.nn.GRU`.

    Returns
    -------
    Sequences
        With the dtype and device of `packed`; gradients flow through the values.

    Raises
    ------
    TypeError
        If `packed` is not a `PackedSequence`.
    InvalidSequenceError
        If the data have more than two dimensions, or do not match the batch sizes or indices.

    Examples
    --------
    >>> from seqclf.sequences import as_sequences, pack, unpack
    >>> sequences = as_sequences([[1.0], [2.0, 3.0, 4.0], [5.0, 6.0]])
    >>> unpack(pack(sequences)) == sequences
    True
    """
    if not isinstance(packed, PackedSequence):
        raise TypeError(
            f"`packed` must be a PackedSequence; got {type(packed).__name__}. Use `unpad` for padded arrays and "
            "`as_sequences` for other data."
        )
    data = packed.data
    if data.ndim > 2:
        raise InvalidSequenceError(
            f"Packed data must have shape (n_steps,) or (n_steps, n_features); got {tuple(data.shape)}. "
            "Flatten the features of each step."
        )
    data = data.reshape(data.shape[0], -1)
    sizes = packed.batch_sizes
    _check_batch_sizes(sizes, n_steps=data.shape[0])
    n_sequences = int(sizes[0])
    # The length of the sequence of rank r is the number of batch sizes greater than r.
    smaller = torch.searchsorted(sizes.flip(0), torch.arange(n_sequences, device=sizes.device), right=True)
    lengths = (sizes.shape[0] - smaller).to(data.device)
    sorted_indices, unsorted_indices = packed.sorted_indices, packed.unsorted_indices
    if sorted_indices is None or unsorted_indices is None:  # packed with enforce_sorted=True
        sorted_indices = unsorted_indices = torch.arange(n_sequences, device=data.device)
    else:
        _check_permutation(sorted_indices, unsorted_indices, n_sequences)
    offsets = offsets_of(lengths[unsorted_indices])
    # Not `packing_order`: whoever packed the data may have ranked sequences of equal length in another order.
    index = packed_index(offsets, sizes, sorted_indices)
    squeezed = _squeezed(data)
    values = torch.empty_like(squeezed).index_copy(0, index, squeezed)
    return Sequences.unchecked(values.reshape(data.shape), offsets)


def _check_batch_sizes(sizes: Tensor, *, n_steps: int) -> None:
    valid = sizes.ndim == 1 and sizes.shape[0] > 0 and not sizes.is_floating_point()
    if not valid or int(sizes[-1]) < 1 or bool((sizes.diff() > 0).any()) or int(sizes.sum()) != n_steps:
        raise InvalidSequenceError(
            f"The batch sizes of packed data must not increase, and sum to their {n_steps} steps; "
            f"got {sizes.tolist()!r:.100}. {_DO_NOT_CHANGE}"
        )


def _check_permutation(sorted_indices: Tensor, unsorted_indices: Tensor, n_sequences: int) -> None:
    expected = torch.arange(n_sequences, device=sorted_indices.device)
    ordered = torch.sort(sorted_indices).values
    if not torch.equal(ordered, expected) or not torch.equal(unsorted_indices, torch.argsort(sorted_indices)):
        raise InvalidSequenceError(
            f"The indices of packed data must be a permutation of its {n_sequences} sequences and the inverse; got "
            f"{sorted_indices.tolist()!r:.100} and {unsorted_indices.tolist()!r:.100}. {_DO_NOT_CHANGE}"
        )


def _squeezed(steps: Tensor) -> Tensor:
    """Drop the axis of a single feature: torch permutes scalars several times faster than rows of length 1."""
    return steps[:, 0] if steps.shape[1] == 1 else steps
