"""The lengths of samples, checked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def as_lengths(lengths: ArrayLike, n_samples: int) -> NDArray[Any]:
    """Return lengths in the smallest dtype that holds them: numpy radix-sorts 16-bit integers in linear time."""
    array = np.asarray(lengths)
    if array.shape != (n_samples,) or array.dtype.kind not in "iu":
        raise ValueError(
            f"`lengths` must hold an integer for each of the {n_samples} samples; got {array.dtype} of shape "
            f"{array.shape}. Pass one number of steps per sample."
        )
    if array.min() < 0:
        first = int(np.flatnonzero(array < 0)[0])
        raise ValueError(f"`lengths` must not be negative; got lengths[{first}]={array[first]}.")
    return array.astype(np.min_scalar_type(int(array.max())))
