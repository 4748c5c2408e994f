"""Check of the lengths that users pass with a padded array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from seqclf.exceptions import InvalidSequenceError


def check_lengths(lengths: Any, *, n_samples: int, n_timesteps: int) -> NDArray[np.int64]:
    """Return `lengths` as int64, or raise naming the first that is not valid."""
    array = _as_array(lengths)
    if array.shape != (n_samples,):
        raise InvalidSequenceError(
            f"`lengths` must hold one length for each of the {n_samples} sequences; got shape {array.shape}. "
            "Was X filtered after they were measured?"
        )
    if array.dtype.kind not in "iuf":
        raise TypeError(
            f"`lengths` must be integers; got dtype {array.dtype}. "
            "Convert a mask of real steps with `mask.sum(axis=1)`."
        )
    _refuse(array, array != np.floor(array), "must be whole numbers", "Round them first.")
    _refuse(array, array < 1, "must be at least 1", "Drop empty sequences.")
    _refuse(
        array,
        array > n_timesteps,
        f"must not exceed the {n_timesteps} padded steps",
        "Were the values cut after they were measured?",
    )
    return array.astype(np.int64)


def _as_array(lengths: Any) -> NDArray[Any]:
    try:
        return np.asarray(lengths.detach().cpu() if isinstance(lengths, Tensor) else lengths)
    except (TypeError, ValueError) as error:
        raise InvalidSequenceError(
            f"`lengths` must hold one integer for each sequence; got {type(lengths).__name__} ({error!s:.200}). "
            "Pass a list or an array of integers."
        ) from error


def _refuse(lengths: NDArray[Any], wrong: NDArray[np.bool_], must: str, do: str) -> None:
    if wrong.any():
        i = int(wrong.argmax())
        raise InvalidSequenceError(f"`lengths` {must}; got lengths[{i}]={lengths[i].item()}. {do}")
