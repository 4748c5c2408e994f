"""`Sequences` <-> a padded tensor with its lengths."""

from __future__ import annotations

import numbers
from typing import Any

import torch
from torch import Tensor

from seqclf.sequences._arrays import check_padded_shape
from seqclf.sequences._container import Sequences, _offsets_of
from seqclf.sequences._conversion import sequences_of_padded
from seqclf.sequences._finite import check_finite
from seqclf.sequences._lengths import check_lengths


def pad(
    sequences: Sequences, *, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Tensor, Tensor]:
    """Write the sequences into a rectangle, for tools that know no other shape.

    Parameters
    ----------
    sequences : Sequences
        In any order of lengths.
    padding_value : float, default=0.0
        What stands behind the end of a sequence.
    total_length : int, default=None
        Steps of each row. None: those of the longest sequence.

    Returns
    -------
    padded : torch.Tensor of shape (n_sequences, total_length, n_features)
        In the dtype and on the device of `sequences`; gradients flow through the values.
    lengths : torch.Tensor of shape (n_sequences,), int64
        Real steps of each row. Keep them: `padding_value` may occur inside a sequence.

    Raises
    ------
    ValueError
        If `total_length` is shorter than the longest sequence.
    TypeError
        If `total_length` is not an integer.

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
    lengths = sequences.lengths
    longest = int(lengths.max()) if len(sequences) else 0
    width = longest if total_length is None else _check_total_length(total_length, lengths, longest)
    n_steps = sequences.values.shape[0]
    # Step k of `values` stands in its row where it stands in its sequence: both starts move it as a whole.
    row_starts = width * torch.arange(len(sequences), device=lengths.device)
    shift = torch.repeat_interleave(row_starts - sequences.offsets[:-1], lengths, output_size=n_steps)
    places = shift + torch.arange(n_steps, device=lengths.device)
    flat = sequences.values.new_full((len(sequences) * width, sequences.n_features), padding_value)
    padded = flat.index_copy_(0, places, sequences.values)
    return padded.view(len(sequences), width, sequences.n_features), lengths


def unpad(padded: Any, lengths: Any) -> Sequences:
    """Keep the first `lengths[i]` steps of each row `i`.

    Parameters
    ----------
    padded : array or torch.Tensor of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_features)
        What lies behind the lengths is never read.
    lengths : array-like of shape (n_samples,) of int
        Real steps of each row, 1 to `n_timesteps`.

    Returns
    -------
    Sequences
        float32; on the device of `padded`. Gradients flow through the values of a floating-point tensor.

    Raises
    ------
    InvalidSequenceError
        If a real step is not finite, or shapes and lengths do not fit together; see `as_sequences`.

    Examples
    --------
    >>> from seqclf.sequences import unpad
    >>> unpad([[1.0, 0.0, 0.0], [2.0, 0.0, 3.0]], [1, 3]).values.flatten()
    tensor([1., 2., 0., 3.])
    """
    if lengths is None:
        raise TypeError(
            "`lengths` must hold one length for each row; got None. To guess them use `as_sequences`."
        )
    if not (isinstance(padded, Tensor) and padded.layout is torch.strided and padded.is_floating_point()):
        return sequences_of_padded(padded, lengths, None)
    check_padded_shape(tuple(padded.shape))
    n_samples, n_timesteps = padded.shape[:2]
    real = torch.from_numpy(check_lengths(lengths, n_samples=n_samples, n_timesteps=n_timesteps)).to(
        padded.device
    )
    steps = padded[torch.arange(n_timesteps, device=padded.device) < real[:, None]]
    values, offsets = steps.reshape(steps.shape[0], -1).to(torch.float32), _offsets_of(real)
    check_finite(values, offsets, lambda row, step, feature: padded[row, step].reshape(-1)[feature].item())
    return Sequences._trusted(values, offsets)


def _check_total_length(total_length: Any, lengths: Tensor, longest: int) -> int:
    if isinstance(total_length, bool) or not isinstance(total_length, numbers.Integral):
        raise TypeError(
            f"`total_length` must be an integer; got {total_length!r}. None takes the longest sequence."
        )
    if int(total_length) < longest:
        raise ValueError(
            f"`total_length` must not be shorter than the longest sequence; got {total_length}, and "
            f"lengths[{int(lengths.argmax())}]={longest}. Cut the sequences first if that is what you want."
        )
    return int(total_length)
