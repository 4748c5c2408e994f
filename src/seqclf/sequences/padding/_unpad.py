"""A padded array and lengths -> `Sequences`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqclf.sequences._blocks import row_blocks
from seqclf.sequences._container import Sequences
from seqclf.sequences._finite import MissingValues, check_finite_steps
from seqclf.sequences._layout import offsets_of
from seqclf.sequences._precision import storage_dtype, storage_type
from seqclf.sequences.padding._lengths import check_lengths
from seqclf.sequences.padding._padded_input import check_padded_shape, padded_array

_ADVICE = "Fill it in first; if it is padding, shorten `lengths`."


def unpad(padded: Any, lengths: Any) -> Sequences:
    """Keep the first `lengths[i]` steps of each row `i`.

    Parameters
    ----------
    padded : array or torch.Tensor of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_features)
        Steps after the lengths are never read.
    lengths : array-like of shape (n_samples,) of int
        Number of real steps in each row, 1 to `n_timesteps`.

    Returns
    -------
    Sequences
        float32; on the device of `padded`. Gradients flow through the values of a floating-point tensor.

    Raises
    ------
    InvalidSequenceError
        If a real step is not finite, distinct values would become equal in float32, or `padded` and `lengths` do not match;
        see `as_sequences`.
    TypeError
        If `lengths` is None or does not hold integers.

    Examples
    --------
    >>> from seqclf.sequences import unpad
    >>> unpad([[1.0, 0.0, 0.0], [2.0, 0.0, 3.0]], [1, 3]).values.flatten()
    tensor([1., 2., 0., 3.])
    """
    if lengths is None:
        raise TypeError(
            "`lengths` must hold one length for each row; got None. Use `as_sequences` to infer the lengths."
        )
    if isinstance(padded, Tensor) and padded.layout is torch.strided and padded.is_floating_point():
        return _unpad_tensor(padded, lengths).float()
    return unpad_array(padded, lengths).float()


def unpad_array(padded: Any, lengths: Any, *, missing: MissingValues = "error") -> Sequences:
    """Keep real steps with NumPy, which is several times faster than torch but drops gradients."""
    array = padded_array(padded)
    real = check_lengths(lengths, n_samples=array.shape[0], n_timesteps=array.shape[1])
    result = keep_real_steps(array, real, advice=_ADVICE, missing=missing)
    return result.to(padded.device) if isinstance(padded, Tensor) else result


def _unpad_tensor(padded: Tensor, lengths: Any) -> Sequences:
    """Keep real steps with torch, so that gradients flow and data stay on their device."""
    check_padded_shape(tuple(padded.shape))
    n_samples, n_timesteps = padded.shape[:2]
    checked = check_lengths(lengths, n_samples=n_samples, n_timesteps=n_timesteps)
    real = torch.from_numpy(checked).to(padded.device)
    steps = padded[torch.arange(n_timesteps, device=padded.device) < real[:, None]]
    values, offsets = steps.reshape(steps.shape[0], -1), offsets_of(real)
    check_finite_steps(values, offsets, advice=_ADVICE)
    return Sequences.unchecked(values.to(storage_type(values.dtype)), offsets)


def keep_real_steps(
    array: NDArray[Any], lengths: NDArray[np.int64], *, advice: str, missing: MissingValues = "error"
) -> Sequences:
    """Copy the first `lengths[i]` steps of each row `i`; `advice` ends the error about other values."""
    n_samples, n_timesteps = array.shape[:2]
    offsets = np.zeros(n_samples + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    values = np.empty((int(offsets[-1]), math.prod(array.shape[2:])), dtype=storage_dtype(array.dtype))
    steps = np.arange(n_timesteps)
    for rows in row_blocks(array):
        real = steps < lengths[rows, None]
        kept = array[rows][real]  # (steps of these rows,) or (steps of these rows, n_features)
        values[offsets[rows.start] : offsets[rows.stop]] = kept.reshape(kept.shape[0], -1)
    result = Sequences.unchecked(torch.from_numpy(values), torch.from_numpy(offsets))
    check_finite_steps(result.values, result.offsets, advice=advice, missing=missing)
    return result
