"""Times of R peaks -> intervals between them, and features of the rhythm."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

RR_FEATURES: Final[tuple[str, ...]] = (
    "before / record",
    "after / record",
    "before / after",
    "before / last ten",
    "before / around",
    "after / around",
    "around / record",
    "previous / record",
    "next / record",
    "irregularity",
)
"""Names of the columns of `Heartbeats.rr_features`, logarithms of ratios of RR intervals.

`before` and `after` are the intervals before and after the beat, `previous` the one before `before`, `next` the one after `after`;
`record` is the mean of the record, `last ten` the mean of the ten intervals up to the beat, and `around` the median of eleven, six up
to the beat and five after it. `irregularity` is the logarithm of 0.01 plus the mean of 31 changes around the beat: the absolute
differences of the logarithms of consecutive intervals, each at most 0.5.
"""

_LAST: Final = 10
_AROUND: Final = 11
_IRREGULAR: Final = 31
_SHORTEST: Final = 1e-3  # interval that counts, of the mean
_LARGEST: Final = 0.5  # change of log RR that counts: one pause must not make a rhythm irregular


def rr_intervals(peaks: NDArray[np.int64], median: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the intervals before and after each peak, and the median interval.

    The first peak has no interval before it and the last none after it: the median replaces them.
    """
    interval = np.diff(peaks)
    before = np.concatenate([median[:1], interval])
    after = np.concatenate([interval, median[-1:]])
    return np.column_stack([before, after, median])


def median_rr(peaks: NDArray[np.int64], window: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return, for each peak, the median interval between the peaks of its window.

    `window` is the window number of each peak, ascending. A window with a single peak gets the median of the record.
    """
    interval = np.diff(peaks)
    within = window[1:] == window[:-1]
    of_window, interval_within = window[1:][within], interval[within]
    ordered = interval_within[np.lexsort((interval_within, of_window))]
    names, first, count = np.unique(of_window, return_index=True, return_counts=True)
    medians = (ordered[first + (count - 1) // 2] + ordered[first + count // 2]) / 2
    result = np.full(len(peaks), np.median(interval))
    if len(names):
        place = np.minimum(np.searchsorted(names, window), len(names) - 1)
        known = names[place] == window
        result[known] = medians[place[known]]
    return result


def rr_features(peaks: ArrayLike) -> NDArray[np.float32]:
    """Return the features of the rhythm at each R peak.

    Parameters
    ----------
    peaks : array-like of shape (n_peaks,)
        Times of at least two R peaks, ascending, in any unit. The mean of all intervals replaces those that are missing at the ends.

    Returns
    -------
    array of shape (n_peaks, len(RR_FEATURES)), float32
        See `RR_FEATURES`.

    Raises
    ------
    ValueError
        If there are fewer than two peaks, or they are not finite or not in ascending order.

    Examples
    --------
    The fourth beat comes early:

    >>> from seqclf.datasets import rr_features
    >>> features = rr_features([0.0, 0.8, 1.6, 2.0, 3.2, 4.0])
    >>> round(float(features[3, 0]), 2)  # the logarithm of 0.4 / 0.8
    -0.69
    """
    from scipy.ndimage import median_filter, uniform_filter1d  # a dependency of scikit-learn; slow to import

    interval = np.diff(_as_peaks(peaks))
    interval = np.maximum(interval, _SHORTEST * interval.mean())  # two annotations at one step
    usual = interval.mean()
    before, after = np.concatenate([[usual], interval]), np.concatenate([interval, [usual]])
    last = np.arange(1, len(before) + 1)
    first = np.maximum(last - _LAST, 0)
    total = np.concatenate([[0.0], before.cumsum()])
    last_ten = (total[last] - total[first]) / (last - first)
    around = median_filter(before, _AROUND, mode="nearest")
    change = np.minimum(np.abs(np.diff(np.log(before), prepend=np.log(before[0]))), _LARGEST)
    previous = np.concatenate([before[:1], before[:-1]])
    following = np.concatenate([after[1:], after[-1:]])
    features = [
        *(before / usual, after / usual, before / after, before / last_ten),
        *(before / around, after / around, around / usual, previous / usual, following / usual),
        uniform_filter1d(change, _IRREGULAR, mode="nearest") + 0.01,
    ]
    result: NDArray[np.float32] = np.log(np.column_stack(features)).astype(np.float32)
    return result


def _as_peaks(peaks: ArrayLike) -> NDArray[np.float64]:
    times = np.asarray(peaks)
    if times.ndim != 1 or len(times) < 2 or times.dtype.kind not in "iuf":
        raise ValueError(
            f"`peaks` must be the times of at least two R peaks, shape (n_peaks,); got shape {times.shape}, dtype {times.dtype}. Pass all "
            "peaks of a record at once."
        )
    times = times.astype(np.float64)
    finite = np.isfinite(times)
    known = np.where(finite, times, 0.0)
    wrong = np.flatnonzero(~finite | (np.diff(known, prepend=known[0]) < 0))
    if len(wrong) or times[0] == times[-1]:
        at = int(wrong[0]) if len(wrong) else len(times) - 1
        before = "" if at == 0 else f" after {times[at - 1]:g}"
        raise ValueError(
            f"`peaks` must be finite and in ascending order; got {times[at]:g}{before} at index {at}. Sort the peaks, and pass the records "
            "one by one."
        )
    return times
