"""Beats around their R peaks, without what differs between people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqclf.datasets import BeatCut, WFDBRecord, cut_beats
from seqclf.exceptions import InvalidSequenceError

RATE = 125.0
CENTRED = BeatCut(window=(-0.3, 0.5), scale=None)


def record_of(signal: NDArray[np.float64], peaks: list[int], rate: float = RATE) -> WFDBRecord:
    return WFDBRecord(
        name="r1",
        signal=signal[:, None] if signal.ndim == 1 else signal,
        sampling_rate=rate,
        channels=("I", "II")[: 1 if signal.ndim == 1 else signal.shape[1]],
        samples=np.array(peaks),
        symbols=np.array(["N"] * len(peaks)),
    )


def pulses(peaks: list[int], n_steps: int, height: float = 1.0, rate: float = RATE) -> NDArray[np.float64]:
    """Return a signal with a narrow pulse at each peak."""
    time = np.arange(n_steps)[:, None]
    signal: NDArray[np.float64] = height * np.exp(-(((time - np.array(peaks)) / (0.02 * rate)) ** 2)).sum(
        axis=1
    )
    return signal


def test_a_window_in_seconds_starts_before_the_peak() -> None:
    beats = cut_beats(record_of(np.arange(1000.0), [200, 400, 700]), CENTRED).sequences
    assert beats.lengths.tolist() == [100, 100, 100]  # 0.8 s at 125 Hz
    assert beats[1][:, 0].tolist() == list(range(400 - 38, 400 - 38 + 100))  # -0.3 s is step -37.5


def test_a_window_in_rr_has_the_length_of_the_beats_around() -> None:
    cut = BeatCut(window=(-0.5, 1.0), unit="rr", scale=None)
    beats = cut_beats(record_of(np.arange(5000.0), [100, 200, 300, 2600, 2800, 3000]), cut).sequences
    assert beats.lengths.tolist() == [150, 150, 150, 300, 300, 300]
    assert beats[0][0].item() == 50
    assert beats[5][0].item() == 2900


def test_a_beat_at_an_end_of_the_record_has_the_steps_that_exist() -> None:
    beats = cut_beats(record_of(np.arange(500.0), [10, 250, 480]), CENTRED).sequences
    assert beats.lengths.tolist() == [72, 100, 58]
    assert (beats[0][0].item(), beats[2][-1].item()) == (0, 499)
    short = replace(CENTRED, window=(-1.0, -0.2))  # up to 0.2 s before the first peak lies nothing
    assert cut_beats(record_of(np.arange(500.0), [10, 250, 480]), short).sequences.lengths.tolist() == [
        100,
        100,
    ]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(1, 200), min_size=1, max_size=15),
    st.tuples(st.integers(-100, 0), st.integers(30, 150)),
    st.sampled_from(["seconds", "rr"]),
)
def test_every_beat_is_a_piece_of_its_record(gaps: list[int], steps: tuple[int, int], unit: Any) -> None:
    peaks = np.cumsum([5, *gaps])
    signal = np.arange(peaks[-1] + 40.0)
    cut = BeatCut(window=(steps[0] / RATE, steps[1] / RATE), unit=unit, scale=None)
    try:
        beats = cut_beats(record_of(signal, peaks.tolist()), cut)
    except InvalidSequenceError:  # all of them too short
        return
    for beat in beats.sequences:
        first = int(beat[0].item())
        assert beat[:, 0].tolist() == signal[first : first + len(beat)].tolist()
        assert len(beat) > 25
    if unit == "seconds":
        assert int(beats.sequences.lengths.max()) <= steps[1] - steps[0]


def test_the_baseline_is_removed_and_the_pulse_is_not() -> None:
    peaks = list(range(100, 2400, 100))
    clean = pulses(peaks, 2500)
    slow = 0.5 * np.sin(2 * np.pi * np.arange(2500) / (10 * RATE)) + 3.0
    cut = replace(CENTRED, baseline=(0.2, 0.6))
    expected = cut_beats(record_of(clean, peaks), cut).sequences.values
    given_ = cut_beats(record_of(clean + slow, peaks), cut).sequences.values
    assert float(cut_beats(record_of(clean + slow, peaks), CENTRED).sequences.values.mean()) > 2.9
    assert float((given_ - expected).abs().max()) < 0.06
    assert 0.95 < float(given_.max()) <= 1.05


def test_the_baseline_is_a_running_median_of_running_medians() -> None:
    rng = np.random.default_rng(0)
    signal = rng.normal(size=400)

    def running(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
        padded = np.pad(values, width // 2, mode="edge")
        return np.array([np.median(padded[i : i + width]) for i in range(len(values))])

    expected = signal - running(running(signal, 25), 75)  # 0.2 and 0.6 s, the nearest odd numbers of steps
    beats = cut_beats(record_of(signal, [100, 200, 300]), replace(CENTRED, baseline=(0.2, 0.6))).sequences
    np.testing.assert_allclose(beats[0][:, 0], expected[62:162], atol=1e-6)


def test_missing_samples_stay_missing_and_do_not_spread() -> None:
    peaks = list(range(100, 2400, 100))
    signal = pulses(peaks, 2500)
    cut = BeatCut(window=(-0.3, 0.3), baseline=(0.2, 0.6), scale="record")
    whole = cut_beats(record_of(signal, peaks), cut).sequences
    signal[1030:1062] = np.nan  # in the beat at 1000, which ends at 1037, and after it
    beats = cut_beats(record_of(signal, peaks), cut, missing="drop").sequences
    assert len(beats) == len(peaks) - 1
    for i in range(len(beats)):
        np.testing.assert_allclose(beats[i], whole[i + (i >= 9)], atol=1e-3)
    with pytest.raises(InvalidSequenceError, match=r"got 1 with some in record r1, the first at 7\.70 s"):
        cut_beats(record_of(signal, peaks), cut)


def test_missing_samples_do_not_shift_the_baseline() -> None:
    peaks = list(range(100, 2400, 100))
    signal = np.random.default_rng(0).normal(0, 0.1, 2500)
    cut = BeatCut(window=(-0.3, 0.3), baseline=(0.6,), scale=None)
    whole = cut_beats(record_of(signal, peaks), cut).sequences
    signal[1030:1062] = np.nan
    next_beat = cut_beats(record_of(signal, peaks), cut, missing="drop").sequences[9]
    assert float((next_beat - whole[10])[:10].abs().mean()) < 0.03


def test_record_scaling_removes_the_amplitude_of_a_person_but_not_that_of_a_beat() -> None:
    peaks = [200, 400, 600, 800]
    signal = pulses(peaks, 1000) + pulses([600], 1000)
    cut = replace(CENTRED, scale="record")
    two = np.column_stack([signal, -7.0 * signal])  # a lead may be upside down
    values = cut_beats(record_of(two, peaks), cut).sequences
    np.testing.assert_allclose(values.values[:, 0], -values.values[:, 1], atol=1e-6)
    heights = [float(beat[:, 0].max()) for beat in values]
    np.testing.assert_allclose(heights, [0.8, 0.8, 1.6, 0.8], atol=0.01)  # of a mean of 1.25
    flat = cut_beats(record_of(np.full(1000, 2.0), peaks), cut).sequences.values
    assert float(flat.min()) == float(flat.max()) == 2.0


def test_only_the_difference_to_the_median_beat_is_left() -> None:
    peaks = [200, 400, 600, 800, 985]
    signal = pulses(peaks, 1000)
    signal[610:620] += 0.5
    cut = replace(CENTRED, subtract_median_beat=True)
    beats = cut_beats(record_of(signal, peaks), cut).sequences
    for i in (0, 1, 3, 4):  # the last one misses its end
        assert float(beats[i].abs().max()) < 1e-6
    np.testing.assert_allclose(beats[2][48:58, 0], 0.5, atol=1e-6)
    early = [10, 200, 400, 600, 800]  # the first one misses its start
    assert float(cut_beats(record_of(pulses(early, 1000), early), cut).sequences[0].abs().max()) < 1e-6


def test_without_a_whole_window_there_is_no_median_beat() -> None:
    record = record_of(np.zeros(150), [10, 140])
    with pytest.raises(
        InvalidSequenceError,
        match=r"median beat of record r1 needs a beat .* 250 steps .*got none of 2.*shorter",
    ):
        cut_beats(record, BeatCut(window=(-1, 1), subtract_median_beat=True))


@pytest.mark.parametrize("rate", [250.0, 360.0, 1000.0])
def test_beats_of_another_rate_are_the_same(rate: float) -> None:
    cut = BeatCut(window=(-0.32, 0.48), baseline=(0.2, 0.6), scale="record", subtract_median_beat=True)
    seconds = [1.6, 2.4, 3.2, 4.0, 5.6, 6.4]
    beats = []
    for one in (RATE, rate):
        peaks = [round(second * one) for second in seconds]
        signal = pulses(peaks, round(8 * one), rate=one) + 0.5 * pulses(peaks[2:3], round(8 * one), rate=one)
        beats.append(cut_beats(record_of(signal, peaks, one), cut).sequences)
    assert beats[0].lengths.tolist() == beats[1].lengths.tolist() == [100] * 6
    assert float((beats[0].values - beats[1].values).abs().max()) < 0.08


def test_a_record_is_not_changed() -> None:
    signal = np.random.default_rng(0).normal(size=(1000, 1))
    record = record_of(signal.copy()[:, 0], [200, 400, 700])
    cut_beats(record, BeatCut(window=(-0.3, 0.5), baseline=(0.2,), scale="record", subtract_median_beat=True))
    np.testing.assert_array_equal(record.signal, signal)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sampling_rate": 0}, r"`sampling_rate` must be positive and finite; got 0"),
        ({"window": 0.3}, r"`window` must hold two numbers; got 0\.3"),
        ({"window": (0.5, -0.3)}, r"`window` must be the start and the end .*; got \(0\.5, -0\.3\)\. For example"),
        ({"window": (-0.1, 0.1)}, r"more than 0\.2 apart; got \(-0\.1, 0\.1\)"),
        ({"window": (0, float("nan"))}, r"from -10 to 10"),
        ({"unit": "ms"}, r"`unit` must be one of \['seconds', 'rr'\]; got 'ms'"),
        ({"unit": "rr"}, r"`unit` is that of `window`, and needs one; got unit='rr' without"),
        ({"baseline": 0.2}, r"`baseline` must be a sequence of numbers of seconds; got 0\.2"),
        ({"baseline": (0.2, -1)}, r"`baseline\[1\]` must be positive and finite; got -1"),
        ({"scale": True}, r"`scale` must be one of \['beat', 'record', None\]; got True"),
        ({"subtract_median_beat": 1}, r"`subtract_median_beat` must be True or False; got 1"),
        ({"subtract_median_beat": True}, r"needs a `window` in seconds, .*got window=None, unit='seconds'"),
        ({"subtract_median_beat": True, "window": (-1, 1), "unit": "rr"}, r"got window=\(-1\.0, 1\.0\), unit='rr'"),
    ],
)  # fmt: skip
def test_invalid_cuts_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        BeatCut(**options)
