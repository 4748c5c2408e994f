from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqclf.datasets._cutting import cut_beats, median_rr, scale
from seqclf.datasets._record import Record


def record_of(peaks: list[int], n_samples: int, classes: str) -> Record:
    """Return a record at 125 Hz, which is not resampled, whose samples are their own index."""
    return Record(
        number=100,
        signal=np.arange(n_samples, dtype=np.float64),
        frequency=125,
        peaks=np.array(peaks),
        classes=np.array(list(classes)),
    )


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
    np.testing.assert_allclose(cut.values[120:240], np.arange(120) / 119, atol=1e-6)
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
    assert cut.values.shape == (120,)


def test_each_beat_is_scaled_separately_and_a_flat_one_to_zero() -> None:
    values = np.array([2.0, 4.0, 3.0, 7.0, 7.0, -1.0, 1.0])
    np.testing.assert_array_equal(scale(values, np.array([3, 2, 2])), [0, 1, 0.5, 0, 0, 0, 1])
    assert scale(values[:0], np.array([], dtype=np.int64)).shape == (0,)


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
