"""A record and its R peaks -> single beats, scaled to [0, 1]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seqclf.datasets._record import Record

FREQUENCY: Final = 125  # Hz, of a beat
MAX_STEPS: Final = 187  # steps of the longest beat: 1.5 s
MIN_STEPS: Final = 26  # steps of the shortest beat: 0.2 s, the refractory time of the ventricles
RR_SHARE: Final = 1.2  # duration of a beat, as a share of the median RR interval
_WINDOW_SECONDS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CutBeats:
    """Beats of one record, concatenated."""

    values: NDArray[np.float32]  # (n_steps,)
    lengths: NDArray[np.int64]  # (n_beats,)
    classes: NDArray[np.str_]  # (n_beats,)
    rr_intervals: NDArray[np.float32]  # (n_beats, 3), seconds: before the beat, after it, median


def cut_beats(record: Record, *, drop_last_beat: bool) -> CutBeats:
    """Cut the beats of a record, each starting at its R peak."""
    from scipy.signal import resample_poly  # a dependency of scikit-learn; takes 0.5 s to import

    signal = resample_poly(record.signal, FREQUENCY, record.frequency)
    rr = median_rr(record.peaks, record.peaks // (_WINDOW_SECONDS * record.frequency))
    intervals = rr_intervals(record.peaks, rr) / record.frequency
    ratio = FREQUENCY / record.frequency
    starts = np.rint(record.peaks * ratio).astype(np.int64)
    lengths = np.minimum(np.rint(RR_SHARE * rr * ratio).astype(np.int64), MAX_STEPS)
    lengths = np.minimum(lengths, len(signal) - starts)  # at the end of the record
    keep = lengths >= MIN_STEPS
    if drop_last_beat:
        keep[-1] = False
    intervals, classes = intervals[keep].astype(np.float32), record.classes[keep]
    starts, lengths = starts[keep], lengths[keep]
    firsts = np.cumsum(lengths) - lengths  # start of each beat in the result
    steps = np.repeat(starts - firsts, lengths) + np.arange(lengths.sum())
    return CutBeats(
        values=scale(signal[steps], lengths), lengths=lengths, classes=classes, rr_intervals=intervals
    )


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


def scale(values: NDArray[np.floating], lengths: NDArray[np.int64]) -> NDArray[np.float32]:
    """Scale each beat to [0, 1]; a flat beat becomes 0."""
    if not len(lengths):
        return np.empty(0, dtype=np.float32)
    firsts = np.cumsum(lengths) - lengths
    low = np.minimum.reduceat(values, firsts)
    span = np.maximum.reduceat(values, firsts) - low
    span[span == 0] = 1
    result: NDArray[np.float32] = (values - np.repeat(low, lengths)) / np.repeat(span, lengths)
    return result.astype(np.float32)
