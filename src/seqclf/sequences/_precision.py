"""float64 -> float32, unless distinct values would become equal."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqclf.exceptions import InvalidSequenceError

_SEQUENCES, _STEPS = 64, 256  # how much is sampled
_NOISE = 1e-12  # relative differences below it are rounding errors of float64
_LEVELS = 1000  # a range of at least this many float32 values keeps enough of the signal
_SHARE = 0.1  # of the distinct neighbours; fewer that become equal are no loss
_EXACT = (np.float16, np.float32, np.bool_, np.int8, np.int16, np.uint8, np.uint16)

_CURE = (
    "Subtract an offset that all values share, or scale before rounding: estimators with `scale`, `ZScore` and `MinMax` "
    "scale in float64, and `{exact}` rounds nothing."
)


def storage_dtype(*given: np.dtype) -> type[np.float32] | type[np.float64]:
    """Return float32 if it holds every value of the given dtypes, otherwise float64."""
    return np.float32 if all(dtype.type in _EXACT for dtype in given) else np.float64


def storage_type(given: torch.dtype) -> torch.dtype:
    """Return float32 if it holds every value of the given dtype, otherwise float64."""
    wide = (torch.float64, torch.int32, torch.int64, torch.uint32, torch.uint64)
    return torch.float64 if given in wide else torch.float32


def rounded(values: Tensor, offsets: Tensor, *, exact: str = 'as_sequences(X, dtype="float64")') -> Tensor:
    """Return the steps of sequences as float32; raise if they do not fit it, or if distinct values become equal.

    `exact` is the call that an error recommends, because it does not round.
    """
    if values.dtype == torch.float32:
        return values
    single = values.to(torch.float32)
    _check_range(single, values, offsets)
    found = find_merged(values.detach().cpu().numpy(), offsets.cpu().numpy())
    if found is not None:
        feature, *steps = found
        got = " and ".join(
            f"{values[at, feature].item()!r} ({_place(at, offsets)}, feature {feature})" for at in steps
        )
        raise InvalidSequenceError(
            f"Distinct values must stay distinct in float32, which has 7 digits; got {got}, which become equal. {_CURE.format(exact=exact)}"
        )
    return single


def find_merged(values: NDArray[np.float64], offsets: NDArray[np.int64]) -> tuple[int, int, int] | None:
    """Return a feature and two steps, if rounding to float32 makes neighbouring values of the feature equal.

    A range of few float32 values is what makes a signal coarse; a signal that settles at its end is not.
    """
    at, starts = _sample(offsets)
    wide = values[at].astype(np.float64, copy=False)
    with np.errstate(invalid="ignore"):
        low, high = np.fmin.reduceat(wide, starts), np.fmax.reduceat(wide, starts)  # NaN is missing
        coarse = high - low < _LEVELS * np.spacing(np.maximum(-low, high).astype(np.float32))
    coarse = np.repeat(coarse, np.diff(np.append(starts, len(at))), axis=0)
    distinct = np.abs(np.diff(wide, axis=0)) > _NOISE * np.abs(wide[1:])
    merged = distinct & (np.diff(wide.astype(np.float32), axis=0) == 0) & coarse[1:] & coarse[:-1]
    lossy = merged.sum(axis=0) > _SHARE * distinct.sum(axis=0)
    if not lossy.any():
        return None
    feature = int(lossy.argmax())
    first = int(merged[:, feature].argmax())
    return feature, int(at[first]), int(at[first + 1])


def _sample(offsets: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first steps of some sequences, and where each of these begins among them."""
    n = len(offsets) - 1
    rows = np.unique(np.linspace(0, n - 1, min(n, _SEQUENCES)).astype(np.int64))
    counts = np.minimum(offsets[rows + 1] - offsets[rows], _STEPS)
    starts = np.cumsum(counts) - counts
    at = np.arange(counts.sum()) + np.repeat(offsets[rows] - starts, counts)
    return at, starts


def _check_range(single: Tensor, values: Tensor, offsets: Tensor) -> None:
    """Raise if a finite value is infinite in float32."""
    if torch.isfinite(single.detach().sum()):
        return
    wrong = (~torch.isfinite(single.detach()) & torch.isfinite(values.detach())).nonzero()
    if wrong.numel():
        at, feature = wrong[0].tolist()
        raise InvalidSequenceError(
            f"Every value must fit float32 (at most 3.4e38); got {values[at, feature].item()} in {_place(at, offsets)}, "
            f"feature {feature}. Rescale the data."
        )


def _place(at: int, offsets: Tensor) -> str:
    row = int(torch.searchsorted(offsets, at, right=True)) - 1
    return f"row {row}, step {at - int(offsets[row])}"
