"""User data -> a numeric padded array of 2 or 3 dimensions."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences
from seqclf.sequences._numbers import as_numbers, read_array

_EXPECTED = (
    "Expected a 2-D array (n_samples, n_timesteps) or a 3-D array (n_samples, n_timesteps, n_features)"
)


def padded_array(X: Any) -> NDArray[Any]:
    """Return `X` as a numeric array of 2 or 3 dimensions, none of size 0."""
    if isinstance(X, Sequences):
        raise TypeError("Expected a padded array; got Sequences, which hold no padding. See their `lengths`.")
    array = read_array(X)
    check_padded_shape(array.shape)
    return as_numbers(array)


def check_padded_shape(shape: tuple[int, ...]) -> None:
    """Raise unless the shape is that of at least one sequence, step and feature."""
    if len(shape) < 2:
        raise InvalidSequenceError(
            f"{_EXPECTED}; got shape {shape}. Reshape your data: `X.reshape(1, -1)` if it is one sequence, "
            "`X.reshape(-1, 1)` if it is many sequences of one step."
        )
    if len(shape) > 3:
        raise InvalidSequenceError(
            f"{_EXPECTED}; got {len(shape)}-D, shape {shape}. Flatten the features of each step: "
            "`X.reshape(len(X), X.shape[1], -1)`."
        )
    if shape[0] == 0:
        raise InvalidSequenceError(
            f"Found array with 0 sample(s) (shape={shape}) while a minimum of 1 is required. "
            "Was everything filtered out?"
        )
    if 0 in shape:
        raise InvalidSequenceError(
            f"Found array with 0 feature(s) (shape={shape}) while a minimum of 1 is required. "
            "Every sequence needs at least one step, and every step at least one feature."
        )
