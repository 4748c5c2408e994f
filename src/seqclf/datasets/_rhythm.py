"""Times of R peaks -> intervals between them, and features of the rhythm."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

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


def rr_features(peaks: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the features of the rhythm at each of at least two peaks: (n_peaks, len(RR_FEATURES)).

    The mean of the record replaces the intervals that are missing at its ends.
    """
    from scipy.ndimage import median_filter, uniform_filter1d  # a dependency of scikit-learn; slow to import

    interval = np.maximum(np.diff(peaks), 1).astype(np.float64)  # two annotations at one step
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
