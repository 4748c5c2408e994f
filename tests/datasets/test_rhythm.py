"""Features of the rhythm: logarithms of ratios of RR intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqclf.datasets import RR_FEATURES, Heartbeats, WFDBRecord, cut_beats, rr_features
from seqclf.exceptions import InvalidSequenceError

gaps = st.lists(st.integers(20, 400), min_size=1, max_size=60)


def column(features: NDArray[np.float32], name: str) -> list[float]:
    values: list[float] = features[:, RR_FEATURES.index(name)].round(4).tolist()
    return values


def test_a_premature_beat_by_hand() -> None:
    features = rr_features(np.cumsum([0, 100, 100, 50, 150, 100, 100]))  # the mean is 100
    early, late = np.log(0.5).round(4), np.log(1.5).round(4)
    assert column(features, "before / record") == pytest.approx([0, 0, 0, early, late, 0, 0], abs=1e-4)
    assert column(features, "after / record") == pytest.approx([0, 0, early, late, 0, 0, 0], abs=1e-4)
    assert column(features, "before / after")[3] == pytest.approx(np.log(1 / 3), abs=1e-4)
    assert column(features, "before / last ten")[3] == pytest.approx(np.log(50 / 87.5), abs=1e-4)
    assert column(features, "before / around")[3] == pytest.approx(early, abs=1e-4)
    assert column(features, "previous / record")[4] == pytest.approx(early, abs=1e-4)
    assert column(features, "next / record")[2] == pytest.approx(late, abs=1e-4)


@settings(deadline=None, max_examples=60)
@given(gaps)
def test_last_ten_agrees_with_a_plain_loop(intervals: list[int]) -> None:
    peaks = np.cumsum([0, *intervals])
    before = np.concatenate([[np.mean(intervals)], intervals])
    expected = [np.log(before[i] / before[max(0, i - 9) : i + 1].mean()) for i in range(len(before))]
    got = rr_features(peaks)[:, RR_FEATURES.index("before / last ten")]
    np.testing.assert_allclose(got, expected, atol=1e-5)


@settings(deadline=None, max_examples=60)
@given(gaps, st.integers(2, 9))
def test_features_do_not_depend_on_the_usual_heart_rate(intervals: list[int], factor: int) -> None:
    peaks = np.cumsum([0, *intervals])
    features = rr_features(peaks)
    assert features.shape == (len(peaks), len(RR_FEATURES))
    assert np.isfinite(features).all()
    np.testing.assert_allclose(rr_features(factor * peaks), features, atol=1e-5)


def test_an_irregular_rhythm_differs_from_single_early_beats() -> None:
    rng = np.random.default_rng(0)
    regular = np.full(300, 100)
    regular[150:152] = (60, 140)
    irregular = rng.integers(60, 140, 300)
    one, other = (column(rr_features(np.cumsum(each)), "irregularity") for each in (regular, irregular))
    assert max(one) < min(other)


def test_annotations_at_one_step_have_finite_features() -> None:
    assert np.isfinite(rr_features(np.array([5, 5, 5, 100]))).all()


def test_beats_left_out_still_count() -> None:
    record = WFDBRecord(
        signal=np.zeros((2000, 1)),
        sampling_rate=125,
        channels=("II",),
        samples=np.array([100, 300, 500, 700, 1990]),
        symbols=np.array(["N"] * 5),
    )
    beats = cut_beats(record)
    assert beats.rr_features is not None
    assert len(beats) == 4  # the last one has 10 steps
    np.testing.assert_array_equal(beats.rr_features, rr_features(np.array([100, 300, 500, 700, 1990]))[:4])
    with pytest.raises(
        InvalidSequenceError,
        match=r"`rr_features` must have shape \(4, 10\): .*; got \(4, 9\)\. Select the same",
    ):
        Heartbeats(sequences=beats.sequences, target=beats.target, rr_features=beats.rr_features[:, 1:])


@pytest.mark.parametrize(
    ("peaks", "message"),
    [
        ([1.0], r"at least two R peaks.*got shape \(1,\)"),
        ([[1, 2]], r"got shape \(1, 2\)"),
        (["a", "b"], "dtype <U1"),
        ([0, 2, 1, 3], "got 1 after 2 at index 2"),
        ([0.0, np.nan, 2.0], "got nan after 0 at index 1"),
        ([np.inf, 1.0], "got inf at index 0"),
        ([5, 5, 5], "got 5 after 5 at index 2"),
    ],
)
def test_peaks_that_are_no_times_are_refused(peaks: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rr_features(peaks)
