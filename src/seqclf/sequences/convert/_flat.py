"""A tuple of all steps and the lengths of the sequences -> `Sequences`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences
from seqclf.sequences._numbers import numeric_array
from seqclf.sequences.convert._ragged import from_ragged


def is_flat(X: Any) -> bool:
    """Return whether `X` is `(values, lengths)`; raise if it may as well be two sequences of integers."""
    if not isinstance(X, tuple) or len(X) != 2 or not all(hasattr(one, "__array__") for one in X):
        return False
    values, lengths = (np.asarray(one.detach().cpu() if isinstance(one, torch.Tensor) else one) for one in X)
    if lengths.dtype.kind not in "iu" or lengths.ndim != 1 or values.ndim not in (1, 2):
        return False
    if not lengths.size or lengths.min() < 0 or int(lengths.sum()) != len(values):
        return False
    if values.ndim == 1 and values.dtype.kind in "iub":
        raise InvalidSequenceError(
            f"A tuple of two arrays of integers must have one reading; got shapes {values.shape} and {lengths.shape}, where the "
            "second may be the lengths of sequences in the first. Pass `list(X)` if they are two sequences, or make "
            "the values float."
        )
    return True


def from_flat(X: tuple[Any, Any]) -> Sequences:
    """Convert values of shape (n_steps,) or (n_steps, n_features) and lengths that sum to n_steps."""
    values: NDArray[Any] = numeric_array(X[0])
    lengths = numeric_array(X[1]).astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return from_ragged(
        torch.from_numpy(np.array(values.reshape(len(values), math.prod(values.shape[1:])))),
        torch.from_numpy(offsets),
    )
