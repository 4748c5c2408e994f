"""What differs between people, measured over a whole record: baseline, R amplitude, median beat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seqclf.exceptions import InvalidSequenceError

_R_SECONDS: Final = 0.06  # before and after an R peak


def remove_baseline(
    signal: NDArray[np.float64], rate: float, seconds: Sequence[float]
) -> NDArray[np.float64]:
    """Subtract from each channel its running medians, one after another; missing samples stay NaN, and windows skip them."""
    if not seconds:
        return signal
    from scipy.ndimage import median_filter  # a dependency of scikit-learn; takes time to import

    filtered = signal.copy()
    for channel in filtered.T:
        is_known = np.isfinite(channel)
        baseline = channel[is_known]
        for length in seconds if len(baseline) else ():
            half = min(int(length * rate / 2), len(baseline))
            # One-dimensional input takes scipy's fast path, whose time hardly depends on the window.
            baseline = median_filter(baseline, 2 * half + 1, mode="nearest")
        channel[is_known] -= baseline
    return filtered


def r_amplitudes(signal: NDArray[np.float64], peaks: NDArray[np.int64], rate: float) -> NDArray[np.float64]:
    """Return the mean range around the R peaks of each channel, (n_channels,); 1 if it is flat or missing."""
    reach = round(_R_SECONDS * rate)
    steps = (peaks[:, None] + np.arange(-reach, reach + 1)).clip(0, len(signal) - 1)
    around = signal[steps]  # (n_beats, 2 * reach + 1, n_channels)
    span = np.fmax.reduce(around, axis=1) - np.fmin.reduce(around, axis=1)  # ignore NaN
    is_known = np.isfinite(span)
    mean = np.where(is_known, span, 0.0).sum(axis=0) / np.maximum(is_known.sum(axis=0), 1)
    amplitudes: NDArray[np.float64] = np.where(mean > 0, mean, 1.0)
    return amplitudes


def gather(
    signal: NDArray[np.float64], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the steps of all beats, concatenated."""
    firsts = np.cumsum(lengths) - lengths  # start of each beat in the result
    rows: NDArray[np.float64] = signal[np.repeat(starts - firsts, lengths) + np.arange(lengths.sum())]
    return rows


def gather_median_beat(
    values: NDArray[np.float64],
    lengths: NDArray[np.int64],
    skipped: NDArray[np.int64],
    width: int,
    record: str,
) -> NDArray[np.float64]:
    """Return the step of the median beat that corresponds to each row of `values`.

    The median is that of the beats that have `width` steps; the others miss steps at an end of the record, `skipped` of them before
    their first.
    """
    is_whole = lengths == width
    if not is_whole.any():
        raise InvalidSequenceError(
            f"The median beat of record {record} needs a beat whose whole window of {width} steps is in the record and has no "
            f"missing samples; got none of {len(lengths)} beats. Choose a shorter `window`, or set `subtract_median_beat=False`."
        )
    whole = values[np.repeat(is_whole, lengths)].reshape(-1, width, values.shape[1])
    median: NDArray[np.float64] = np.median(whole, axis=0)
    return gather(median, skipped, lengths)
