"""Signals and annotated beats of one record -> single beats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seqclf.datasets._aami import AAMI_CLASS_OF_SYMBOL
from seqclf.datasets._beat_cut import FREQUENCY, MIN_SECONDS, BeatCut
from seqclf.datasets._personal import gather, gather_median_beat, r_amplitudes, remove_baseline
from seqclf.datasets._rhythm import median_rr, rr_features, rr_intervals
from seqclf.datasets.records import WFDBRecord, resample
from seqclf.exceptions import InvalidSequenceError

MAX_SECONDS: Final = 1.5  # of the longest beat
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
    rr_features: NDArray[np.float32]  # (n_beats, len(RR_FEATURES))


def cut_record(
    record: WFDBRecord, cut: BeatCut, *, drop_last_beat: bool = False, drop_missing: bool = False
) -> CutBeats:
    """Cut the beats of a record around their R peaks."""
    peaks, classes = find_beats(record)
    signal = remove_baseline(record.signal, record.sampling_rate, cut.baseline)
    signal = resample(signal, record.sampling_rate, cut.sampling_rate)
    rr = median_rr(peaks, np.floor_divide(peaks, _WINDOW_SECONDS * record.sampling_rate).astype(np.int64))
    ratio = cut.sampling_rate / record.sampling_rate
    centres = np.rint(peaks * ratio).astype(np.int64)
    if cut.scale == "record":
        signal = signal / r_amplitudes(signal, centres, cut.sampling_rate)
    wanted, ends = _windows(centres, rr * ratio, cut)
    starts = np.maximum(wanted, 0)
    lengths = np.minimum(ends, len(signal)) - starts  # shorter at the ends of the record
    keep = lengths > MIN_SECONDS * cut.sampling_rate
    if drop_last_beat:
        keep[-1] = False
    is_complete = _complete(record, signal, starts[keep], lengths[keep], cut, drop_missing=drop_missing)
    keep[keep] = is_complete
    starts, lengths, wanted = starts[keep], lengths[keep], wanted[keep]
    values = gather(signal, starts, lengths)
    if cut.subtract_median_beat:
        values -= gather_median_beat(values, lengths, starts - wanted, _width(cut), record.name)
    return CutBeats(
        values=scale(values, lengths) if cut.scale == "beat" else values.astype(np.float32),
        lengths=lengths,
        classes=classes[keep],
        rr_intervals=(rr_intervals(peaks, rr)[keep] / record.sampling_rate).astype(np.float32),
        rr_features=rr_features(peaks)[keep],
    )


def _windows(
    centres: NDArray[np.int64], rr: NDArray[np.float64], cut: BeatCut
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first step of each beat, and the step after its last; both may lie outside the record."""
    if cut.window is None:
        longest = int(MAX_SECONDS * cut.sampling_rate)
        return centres, centres + np.minimum(np.rint(RR_SHARE * rr).astype(np.int64), longest)
    if cut.unit == "rr":
        first, last = (np.rint(share * rr).astype(np.int64) for share in cut.window)
        return centres + first, centres + last
    starts = centres + round(cut.window[0] * cut.sampling_rate)
    return starts, starts + _width(cut)


def _width(cut: BeatCut) -> int:
    """Return the steps of a window in seconds."""
    if cut.window is None:
        raise ValueError("A beat without `window` has no fixed width.")
    return round((cut.window[1] - cut.window[0]) * cut.sampling_rate)


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
    cut: BeatCut,
    *,
    drop_missing: bool,
) -> NDArray[np.bool_]:
    """Return which beats have no missing samples; raise if there are others, unless they are to be dropped."""
    n_missing = np.cumsum(np.isnan(signal).any(axis=1), dtype=np.int64)
    n_missing = np.concatenate([[0], n_missing])  # before each step
    is_complete: NDArray[np.bool_] = n_missing[starts + lengths] == n_missing[starts]
    if not (drop_missing or is_complete.all()):
        seconds = starts[is_complete.argmin()] / cut.sampling_rate
        raise InvalidSequenceError(
            f"Beats must have no missing samples; got {np.count_nonzero(~is_complete)} with some in record {record.name}, the "
            f'first at {seconds:.2f} s. Pass `missing="drop"` to leave them out.'
        )
    return is_complete


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
