"""The door: whatever the user brings becomes `Sequences`."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from seqclf.sequences._arrays import padded_array, sequences_of_array
from seqclf.sequences._container import Sequences
from seqclf.sequences._interop import is_arrow, sequences_of_arrow, sequences_of_nested, sequences_of_packed
from seqclf.sequences._lengths import check_lengths
from seqclf.sequences._lists import sequences_of_list
from seqclf.sequences._numbers import numeric_array
from seqclf.sequences._padding import as_stored, check_padding_value, trailing_lengths


def as_sequences(X: Any, *, lengths: Any = None, padding_value: float | None = 0.0) -> Sequences:
    """Convert to `Sequences`: the only place where padding is known.

    Parameters
    ----------
    X : array, DataFrame, list of arrays, Arrow list array, PackedSequence, nested tensor or Sequences
        - A padded array (numpy, torch, anything with `to_numpy` or `__array__`) of shape
          (n_samples, n_timesteps), one feature, or (n_samples, n_timesteps, n_features). Padding stands at
          the end of a row.
        - A list, a tuple or a 1-D object array is *always* a list of sequences of shape (n_steps,) or
          (n_steps, n_features); their lengths may differ, and nothing is stripped from them.
        - A `pyarrow` array of list<number> (one feature) or list<fixed_size_list<number>>, chunked or not.
        - A `torch.nn.utils.rnn.PackedSequence`.
        - A nested tensor of shape (n_samples, any) or (n_samples, any, n_features).
        - `Sequences` are returned as they are: the same object.
    lengths : array-like of shape (n_samples,) of int, default=None
        Real steps of each row of a padded array, 1 to `n_timesteps`. What lies behind them is never read.
    padding_value : float or None, default=0.0
        Without `lengths`: a step is padding when *all* its features equal this value and no real step
        follows. NaN matches NaN. At least one step of each row is kept. None: nothing is padding.

    Returns
    -------
    Sequences
        float32; on the device of `X` where `X` is a tensor.

    Raises
    ------
    InvalidSequenceError
        If a real step is NaN, infinite or beyond float32; if text, complex values, unequal numbers of
        features, empty sequences, no sequences, other than 2 or 3 dimensions, or unfitting `lengths` come.
        It names the row.
    TypeError
        If `X` is sparse or not an array, or holds objects that are no numbers.
    ValueError
        If `lengths` come with something other than a padded array.

    See Also
    --------
    describe_padding : Look at the padding before you trust it.
    infer_lengths : The lengths used when none are given.

    Notes
    -----
    A signal that truly ends in `padding_value` cannot be told from padding: its length comes out too short.
    Pass `lengths` when you know them.

    Arrays, lists and packed sequences are copied, never changed, and never shared with the result. Arrow
    arrays and jagged nested tensors share their memory with the result when they hold float32: change neither
    in place. Values become float32 (integers above 2**24 are rounded) and leave the graph of torch's
    gradients; `unpad` and `unpack` keep them there.

    Other libraries order axes (n_samples, n_features, n_timesteps), for example aeon and sktime: pass
    `X.transpose(0, 2, 1)`.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf.sequences import as_sequences
    >>> as_sequences(np.array([[0.2, 0.0, 0.5, 0.0, 0.0], [0.1, 0.3, 0.0, 0.0, 0.0]])).lengths
    tensor([3, 2])
    >>> as_sequences(np.array([[0.2, 0.0, 0.5, 0.0], [0.1, 0.3, 0.0, 0.0]]), lengths=[4, 2]).lengths
    tensor([4, 2])
    >>> as_sequences([[1, 2], [3, 4, 5]])
    Sequences(2 sequences, 1 feature, lengths 2 to 3, 5 steps)
    """
    if padding_value is not None:
        check_padding_value(padding_value)
    ragged = _ragged(X)
    if ragged is None:
        return sequences_of_padded(X, lengths, padding_value)
    if lengths is not None:
        raise ValueError(
            f"`lengths` belong to padded arrays; got them with X of type {type(X).__name__}, whose "
            "sequences have their own lengths. Drop `lengths`; if X is a padded table, pass `np.asarray(X)`."
        )
    return ragged


def _ragged(X: Any) -> Sequences | None:
    """Convert what has lengths of its own; None for padded arrays."""
    if isinstance(X, Sequences):
        return X
    if isinstance(X, PackedSequence):
        return sequences_of_packed(X)
    if isinstance(X, Tensor):
        return sequences_of_nested(X) if X.is_nested else None
    if is_arrow(X):
        return sequences_of_arrow(X)
    if isinstance(X, list | tuple):
        return sequences_of_list(X)
    if len(getattr(X, "shape", ())) == 1:  # an object array, or a Series, of arrays
        array = numeric_array(X)
        return sequences_of_list(array.tolist()) if array.dtype.kind == "O" else None
    return None


def sequences_of_padded(X: Any, lengths: Any, padding_value: float | None) -> Sequences:
    """Keep the real steps of a padded array: `lengths` of them, or all before the trailing padding."""
    array = padded_array(X)
    n_samples, n_timesteps = array.shape[:2]
    if lengths is not None:
        real = check_lengths(lengths, n_samples=n_samples, n_timesteps=n_timesteps)
        padding_value = None
    elif padding_value is None:
        real = np.full(n_samples, n_timesteps, dtype=np.int64)
    else:
        real = np.maximum(trailing_lengths(array, as_stored(padding_value, X)), 1)
    result = sequences_of_array(array, real, padding_value=padding_value)
    return result.to(X.device) if isinstance(X, Tensor) else result
