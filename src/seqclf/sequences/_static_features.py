"""Static features: anything that holds one row of numbers per sequence -> a float32 tensor."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqclf._tables import column_names
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._numbers import Origin, numeric_array
from seqclf.sequences._precision import find_merged, storage_dtype

_STATIC = Origin("`static`", ("row", "feature"))


def read_static(static: Any, n_sequences: int) -> Tensor:
    """Return static features as a float32 tensor of shape (n_sequences, n_static_features) on the CPU; always a copy."""
    given = numeric_array(static, _STATIC)
    if given.ndim not in (1, 2) or given.shape[0] != n_sequences:
        raise InvalidSequenceError(
            f"`static` must have one row for each of the {n_sequences} sequences; got shape {given.shape}. "
            "Select the same samples in X and `static`."
        )
    if given.ndim == 2 and given.shape[1] == 0:
        raise InvalidSequenceError(
            f"`static` must have at least one feature; got shape {given.shape}. Pass None if there are none."
        )
    with np.errstate(over="ignore"):  # reported below
        single = given.astype(np.float32)
    check_finite_static(single, given)
    _check_distinct(given)
    return torch.from_numpy(single[:, None] if single.ndim == 1 else single)


def static_names_of(static: Any) -> tuple[str, ...] | None:
    """Return the names of the columns of a frame; None for anything else, and unless all are strings."""
    names = column_names(static) or [None]
    return tuple(names) if all(isinstance(name, str) for name in names) else None


def _check_distinct(given: NDArray[Any]) -> None:
    """Raise if distinct values of a feature become equal in float32."""
    if storage_dtype(given.dtype) is np.float32:
        return
    found = find_merged(given.reshape(len(given), -1), np.array([0, len(given)]))
    if found is not None:
        feature, *rows = found
        got = " and ".join(f"{given.reshape(len(given), -1)[row, feature]!r} (row {row})" for row in rows)
        raise InvalidSequenceError(
            f"`static` must hold values that stay distinct in float32, which has 7 digits; got {got} of feature {feature}, which "
            "become equal. Subtract an offset that all values share."
        )


def check_finite_static(single: NDArray[np.float32], given: NDArray[Any]) -> None:
    """Raise if a static feature is not finite in float32, naming its index and the value that was given."""
    wrong = np.argwhere(~np.isfinite(single))
    if len(wrong):
        index = tuple(wrong[0].tolist())
        raise InvalidSequenceError(
            f"`static` must hold finite numbers that fit float32; got static[{', '.join(map(str, index))}]="
            f"{given[index]}. Fill in missing values; a further feature can mark them as missing."
        )
