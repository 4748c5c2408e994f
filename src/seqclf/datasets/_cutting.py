"""Signals and annotated beats of one record -> single beats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seqclf.datasets._aami import AAMI_CLASS_OF_SYMBOL
from seqclf.datasets.records import WFDBRecord, resample
from seqclf.exceptions import InvalidSequenceError

FREQUENCY: Final = 125  # Hz, of a beat, unless another rate is asked for
MAX_SECONDS: Final = 1.5  # of the longest beat
MIN_SECONDS: Final = 0.2  # the shortest beat is longer: this is the refractory time of the ventricles
MAX_STEPS: Final = int(MAX_SECONDS * FREQUENCY)  # 187
MIN_STEPS: Final = int(MIN_SECONDS * FREQUENCY) + 1  # 26
RR_SHARE: Final = 1.2  # duration of a beat, as a share of the median RR interval
_WINDOW_SECONDS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CutBeats:
    """Beats of one record, concatenated."""

    values: NDArray[np.float32]  # (n_steps, n_channels)
    lengths: NDArray[np.int64]  # (n_beats,)
    classes: NDArray[np.str_]  # (n_beats,)
    rr_intervals: NDArray[np.float32]  # (n_beats, 3), seconds: before the beat, after it, median


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOptions:
    """Parameters of `cut_beats`."""

    sampling_rate: float
    scale: bool
    drop_last_beat: bool
    drop_missing: bool


def cut_record(record: WFDBRecord, options: CutOptions) -> CutBeats:
    """Cut the beats of a record, each starting at its R peak."""
    peaks, classes = find_beats(record)
    signal = resample(record.signal, record.sampling_rate, options.sampling_rate)
    rr = median_rr(peaks, np.floor_divide(peaks, _WINDOW_SECONDS * record.sampling_rate).astype(np.int64))
    intervals = rr_intervals(peaks, rr) / record.sampling_rate
    ratio = options.sampling_rate / record.sampling_rate
    starts = np.rint(peaks * ratio).astype(np.int64)
    longest = int(MAX_SECONDS * options.sampling_rate)
    lengths = np.minimum(np.rint(RR_SHARE * rr * ratio).astype(np.int64), longest)
    lengths = np.minimum(lengths, len(signal) - starts)  # at the end of the record
    keep = lengths > MIN_SECONDS * options.sampling_rate
    if options.drop_last_beat:
        keep[-1] = False
    keep[keep] = _complete(record, signal, starts[keep], lengths[keep], options)
    intervals, classes = intervals[keep].astype(np.float32), classes[keep]
    starts, lengths = starts[keep], lengths[keep]
    firsts = np.cumsum(lengths) - lengths  # start of each beat in the result
    values = signal[np.repeat(starts - firsts, lengths) + np.arange(lengths.sum())]
    return CutBeats(
        values=scale(values, lengths) if options.scale else values.astype(np.float32),
        lengths=lengths,
        classes=classes,
        rr_intervals=intervals,
    )


def find_beats(record: WFDBRecord) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """Return the R peaks and the AAMI classes of the beats, without annotations of other events."""
    if record.samples is None or record.symbols is None:
        raise InvalidSequenceError(
            f"A record must have annotations to be cut into beats; record {record.name} has none. Read it with an annotator, "
            'for example `read_wfdb(path, annotator="atr")`.'
        )
    classes = np.array(
        [AAMI_CLASS_OF_SYMBOL.get(symbol, "") for symbol in record.symbols.tolist()], dtype=np.str_
    )
    is_beat = classes != ""
    peaks, n_steps = record.samples[is_beat], len(record.signal)
    late = np.flatnonzero(peaks >= n_steps)
    if len(peaks) < 2 or late.size:
        raise InvalidSequenceError(
            f"The annotations of record {record.name} must have at least two beats, within its {n_steps} steps; got "
            f"{len(peaks)} beats{f', beat {late[0]} at step {peaks[late[0]]}' if late.size else ''}. Are they those of this "
            "record?"
        )
    return peaks, classes[is_beat]


def _complete(
    record: WFDBRecord,
    signal: NDArray[np.float64],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    options: CutOptions,
) -> NDArray[np.bool_]:
    """Return which beats have no missing samples; raise if there are others, unless they are to be dropped."""
    n_missing = np.cumsum(np.isnan(signal).any(axis=1), dtype=np.int64)
    n_missing = np.concatenate([[0], n_missing])  # before each step
    is_complete: NDArray[np.bool_] = n_missing[starts + lengths] == n_missing[starts]
    if not (options.drop_missing or is_complete.all()):
        seconds = starts[is_complete.argmin()] / options.sampling_rate
        raise InvalidSequenceError(
            f"Beats must have no missing samples; got {np.count_nonzero(~is_complete)} with some in record {record.name}, the "
            f'first at {seconds:.2f} s. Pass `missing="drop"` to leave them out.'
        )
    return is_complete


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
    """Scale each channel of each beat to [0, 1]; a flat one becomes 0."""
    if not len(lengths):
        return values.astype(np.float32)
    firsts = np.cumsum(lengths) - lengths
    low = np.minimum.reduceat(values, firsts)
    span = np.maximum.reduceat(values, firsts) - low
    span[span == 0] = 1
    result: NDArray[np.float32] = (values - np.repeat(low, lengths, axis=0)) / np.repeat(
        span, lengths, axis=0
    )
    return result.astype(np.float32)
