"""`Sequences` -> a padded tensor and lengths."""

from __future__ import annotations

import numbers
from typing import Any

import torch
from torch import Tensor

from seqclf._checks import check_number
from seqclf.sequences._container import Sequences
from seqclf.sequences._layout import check_is_sequences, refuse_tokens


def pad(
    sequences: Sequences, *, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Tensor, Tensor]:
    """Convert the steps to a padded tensor, for libraries that need one.

    Parameters
    ----------
    sequences : Sequences
        In any order of lengths. `static` is not included in the result.
    padding_value : float, default=0.0
        Value of all steps after the end of a sequence.
    total_length : int, default=None
        Number of steps in each row. None: the length of the longest sequence.

    Returns
    -------
    padded : torch.Tensor of shape (n_sequences, total_length, n_features)
        With the dtype and device of `sequences`; gradients flow through the values.
    lengths : torch.Tensor of shape (n_sequences,), int64
        Number of real steps in each row. Keep it: `padding_value` may occur inside a sequence.

    Raises
    ------
    ValueError
        If `total_length` is less than the longest length.
    TypeError
        If `total_length` is not an integer, or the sequences have tokens.

    Examples
    --------
    >>> from seqclf.sequences import as_sequences, pad
    >>> padded, lengths = pad(as_sequences([[1, 2, 3], [4]]), padding_value=-1)
    >>> padded[..., 0]
    tensor([[ 1.,  2.,  3.],
            [ 4., -1., -1.]])
    >>> lengths
    tensor([3, 1])
    """
    check_is_sequences(sequences)
    refuse_tokens(sequences.tokens, "A padded tensor")
    lengths = sequences.lengths
    longest = int(lengths.max()) if len(sequences) else 0
    width = longest if total_length is None else _check_total_length(total_length, lengths, longest)
    padding_value = check_number("padding_value", padding_value)
    n_steps = sequences.values.shape[0]
    # Row k of `values` moves to row k + (start of its padded row - start of its sequence) of the flat result.
    row_starts = width * torch.arange(len(sequences), device=lengths.device)
    shift = torch.repeat_interleave(row_starts - sequences.offsets[:-1], lengths, output_size=n_steps)
    rows = shift + torch.arange(n_steps, device=lengths.device)
    flat = sequences.values.new_full((len(sequences) * width, sequences.n_features), padding_value)
    padded = flat.index_copy_(0, rows, sequences.values)
    return padded.view(len(sequences), width, sequences.n_features), lengths


def _check_total_length(total_length: Any, lengths: Tensor, longest: int) -> int:
    if isinstance(total_length, bool) or not isinstance(total_length, numbers.Integral):
        raise TypeError(
            f"`total_length` must be an integer; got {total_length!r}. Use None for the longest length."
        )
    if int(total_length) < longest:
        raise ValueError(
            f"`total_length` must not be less than the longest length; got {total_length}, and "
            f"lengths[{int(lengths.argmax())}]={longest}. Cut the sequences first if that is intended."
        )
    return int(total_length)
