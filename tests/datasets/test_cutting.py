from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqclf.datasets import BeatCut, WFDBRecord
from seqclf.datasets._cutting import CutBeats, cut_record, scale
from seqclf.datasets._rhythm import median_rr
from seqclf.exceptions import InvalidSequenceError


def record_of(peaks: list[int], n_samples: int, symbols: str) -> WFDBRecord:
    """Return a record at 125 Hz, which is not resampled, whose samples are their own index."""
    return WFDBRecord(
        name="r1",
        signal=np.arange(n_samples, dtype=np.float64)[:, None],
        sampling_rate=125,
        channels=("MLII",),
        samples=np.array(peaks),
        symbols=np.array(list(symbols)),
    )


def cut_beats(record: WFDBRecord, *, drop_last_beat: bool, rate: float = 125) -> CutBeats:
    return cut_record(record, BeatCut(sampling_rate=rate), drop_last_beat=drop_last_beat)


def test_the_median_is_computed_in_each_window() -> None:
    peaks = np.array([0, 10, 30, 100, 107, 115])
    window = np.array([0, 0, 0, 1, 1, 1])
    # Intervals 10 and 20 in the first window, 7 and 8 in the second; 70 is between them.
    np.testing.assert_array_equal(median_rr(peaks, window), [15, 15, 15, 7.5, 7.5, 7.5])


def test_a_window_with_one_peak_gets_the_median_of_the_record() -> None:
    peaks = np.array([0, 10, 20, 500])
    np.testing.assert_array_equal(median_rr(peaks, np.array([0, 0, 0, 7])), [10, 10, 10, 10])
    np.testing.assert_array_equal(median_rr(np.array([0, 90]), np.array([0, 1])), [90, 90])


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=40), st.integers(20, 100))
def test_the_median_agrees_with_a_plain_loop(intervals: list[int], width: int) -> None:
    peaks = np.cumsum([0, *intervals])
    window = peaks // width
    expected = []
    for w in window:
        inside = np.diff(peaks[window == w])
        expected.append(np.median(inside if len(inside) else np.diff(peaks)))
    np.testing.assert_array_equal(median_rr(peaks, window), expected)


def test_a_beat_starts_at_its_peak_and_lasts_1_2_times_the_median_interval() -> None:
    cut = cut_beats(record_of([0, 100, 200], 400, "NVN"), drop_last_beat=False)
    assert cut.lengths.tolist() == [120, 120, 120]
    assert cut.classes.tolist() == ["N", "V", "N"]
    # The signal rises: after scaling it is 0 at the peak and 1 at the last step.
    np.testing.assert_allclose(cut.values[120:240, 0], np.arange(120) / 119, atol=1e-6)
    assert cut.values.dtype == np.float32


def test_no_beat_has_more_than_187_steps() -> None:
    assert cut_beats(record_of([0, 400], 1000, "NN"), drop_last_beat=False).lengths.tolist() == [187, 187]


@pytest.mark.parametrize(("left", "lengths"), [(26, [60, 60, 26]), (25, [60, 60])])
def test_a_last_beat_shorter_than_26_steps_is_left_out(left: int, lengths: list[int]) -> None:
    cut = cut_beats(record_of([0, 50, 100], 100 + left, "NSV"), drop_last_beat=False)
    assert cut.lengths.tolist() == lengths
    assert cut.classes.tolist() == ["N", "S", "V"][: len(lengths)]


def test_the_last_beat_can_be_left_out() -> None:
    cut = cut_beats(record_of([0, 50, 100], 400, "NSV"), drop_last_beat=True)
    assert cut.classes.tolist() == ["N", "S"]
    assert cut.values.shape == (120, 1)


def test_each_beat_is_scaled_separately_and_a_flat_one_to_zero() -> None:
    values = np.array([2.0, 4.0, 3.0, 7.0, 7.0, -1.0, 1.0])
    np.testing.assert_array_equal(scale(values, np.array([3, 2, 2])), [0, 1, 0.5, 0, 0, 0, 1])
    assert scale(values[:0], np.array([], dtype=np.int64)).shape == (0,)


def test_each_channel_is_scaled_separately() -> None:
    values = np.array([[2.0, 5.0], [4.0, 1.0], [3.0, 1.0]])
    np.testing.assert_array_equal(scale(values, np.array([3])), [[0, 1], [1, 0], [0.5, 0]])


def test_intervals_before_and_after_are_in_seconds() -> None:
    cut = cut_beats(record_of([0, 100, 250, 300], 500, "NVNN"), drop_last_beat=False)
    # Intervals of 0.8, 1.2 and 0.4 s, median 0.8, which replaces the missing ones at both ends.
    np.testing.assert_allclose(
        cut.rr_intervals, [[0.8, 0.8, 0.8], [0.8, 1.2, 0.8], [1.2, 0.4, 0.8], [0.4, 0.8, 0.8]], atol=1e-6
    )
    assert cut.rr_intervals.dtype == np.float32


def test_intervals_of_beats_left_out_are_left_out() -> None:
    cut = cut_beats(record_of([0, 100, 200, 390], 400, "NVNN"), drop_last_beat=True)
    assert len(cut.rr_intervals) == len(cut.lengths) == 3
    np.testing.assert_allclose(cut.rr_intervals[2, :2], [0.8, 1.52], atol=1e-6)


def test_intervals_of_beats_left_out_at_the_start_are_left_out() -> None:
    # In the first window of 10 s the median interval is 0.08 s: its beats are too short.
    cut = cut_beats(record_of([0, 10, 20, 1300, 1400, 1500], 1700, "NNNVNN"), drop_last_beat=False)
    assert cut.classes.tolist() == ["V", "N", "N"]
    np.testing.assert_allclose(cut.rr_intervals[:, 0], [10.24, 0.8, 0.8], atol=1e-6)


def test_lengths_are_in_seconds_at_every_rate() -> None:
    record = record_of([0, 400, 800, 1000, 1030], 2000, "NNNNN")
    for rate in (125, 250, 62.5):
        cut = cut_beats(record, drop_last_beat=False, rate=rate)
        assert cut.lengths.max() == int(1.5 * rate)
        reference = cut_beats(record, drop_last_beat=False)
        np.testing.assert_array_equal(cut.rr_intervals, reference.rr_intervals)
        np.testing.assert_allclose(cut.lengths / rate, reference.lengths / 125, atol=1 / rate)


@pytest.mark.parametrize(
    ("peaks", "message"),
    [
        ([], r"must have at least two beats, within its 7200 steps; got 0 beats\."),
        ([360], r"record r1 must have at least two beats, .*; got 1 beats\. Are they"),
        ([360, 720, 9000], r"within its 7200 steps; got 3 beats, beat 2 at step 9000\."),
        ([360, 7200], r"got 2 beats, beat 1 at step 7200\."),
    ],
)
def test_too_few_beats_and_beats_outside_the_record_are_refused(peaks: list[int], message: str) -> None:
    with pytest.raises(InvalidSequenceError, match=message):
        cut_beats(record_of(peaks, 7200, "N" * len(peaks)), drop_last_beat=False)


def test_events_that_are_not_beats_are_left_out() -> None:
    record = record_of([0, 50, 100, 200, 9000], 400, "N+Vn|")
    assert cut_beats(record, drop_last_beat=False).classes.tolist() == ["N", "V", "N"]
