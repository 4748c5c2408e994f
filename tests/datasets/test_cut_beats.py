from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seqclf.datasets import BeatCut, Heartbeats, WFDBRecord, cut_beats, read_wfdb
from seqclf.exceptions import InvalidSequenceError
from wfdb_files import pack_annotations, write_record


def record_at(
    rate: float, *, n_beats: int = 8, symbols: str = "NV", channels: tuple[str, ...] = ("II",)
) -> WFDBRecord:
    """Return a record with a pulse each second, at any rate, in channels of different height."""
    peaks = np.rint(np.arange(1, n_beats + 1) * rate).astype(np.int64)
    time = np.arange(int((n_beats + 1) * rate)) / rate
    pulses = np.exp(-(((time[:, None] - peaks / rate) / 0.03) ** 2)).sum(axis=1)
    return WFDBRecord(
        name=f"at {rate:g} Hz",
        signal=pulses[:, None] * np.arange(1, len(channels) + 1),
        sampling_rate=rate,
        channels=channels,
        samples=peaks,
        symbols=np.array(list((symbols * n_beats)[:n_beats])),
    )


def test_beats_do_not_depend_on_the_rate_of_the_record() -> None:
    expected = cut_beats(record_at(125))
    assert isinstance(expected, Heartbeats)
    assert expected.sequences.lengths.tolist() == [150] * 7 + [125]
    for rate in (128, 257, 360, 500, 1000):
        beats = cut_beats(record_at(rate))
        assert beats.sequences.lengths.tolist() == expected.sequences.lengths.tolist()
        assert float((beats.sequences.values - expected.sequences.values).abs().max()) < 0.07
        assert beats.rr_intervals is not None
        np.testing.assert_allclose(beats.rr_intervals, 1, atol=1e-6)


def test_beats_of_several_records_know_theirs() -> None:
    beats = cut_beats(record_at(rate, n_beats=n, symbols="NA") for rate, n in ((360, 3), (257, 2), (128, 4)))
    assert beats.record is not None
    assert beats.record.tolist() == [0, 0, 0, 1, 1, 2, 2, 2, 2]
    assert beats.target.tolist() == ["N", "S", "N", "N", "S", "N", "S", "N", "S"]


def test_channels_are_features_and_units_are_kept_unless_scaled() -> None:
    record = record_at(250, channels=("I", "II"))
    physical = cut_beats(record, BeatCut(sampling_rate=250, scale=None)).sequences
    assert physical.n_features == 2
    assert physical.values.dtype == torch.float32
    np.testing.assert_array_equal(physical[0], record.signal[250:550].astype(np.float32))
    scaled = cut_beats(record, BeatCut(sampling_rate=250)).sequences
    assert float(scaled.values.max()) == 1
    np.testing.assert_allclose(scaled.values[:, 0], scaled.values[:, 1], atol=1e-6)


def test_the_last_beat_of_each_record_can_be_left_out() -> None:
    records = [record_at(250, n_beats=3), record_at(360, n_beats=4)]
    assert len(cut_beats(records)) - len(cut_beats(records, drop_last_beat=True)) == 2


def test_beats_with_missing_samples_are_refused_or_left_out() -> None:
    record = record_at(125)
    record.signal[500:510] = np.nan  # 4 s: in the beats of 3 s, to 4.2 s, and of 4 s
    with pytest.raises(
        InvalidSequenceError,
        match=r"got 2 with some in record at 125 Hz, the first at 3\.00 s\. Pass `missing=\"drop\"`",
    ):
        cut_beats(record)
    beats = cut_beats(record, missing="drop")
    assert len(beats) == 6
    assert beats.rr_intervals is not None
    np.testing.assert_array_equal(beats.rr_intervals, 1)  # the beats left out are still neighbours
    resampled = cut_beats(replace(record, sampling_rate=250.0), missing="drop")
    assert bool(torch.isfinite(resampled.sequences.values).all())


def test_a_record_is_cut_after_it_is_read(tmp_path: Path) -> None:
    expected = record_at(250)
    write_record(tmp_path, "r1", np.rint(expected.signal * 200).astype(np.int64), channels=("II",))
    assert expected.samples is not None
    beats = [(int(peak), "N", b"") for peak in expected.samples]
    (tmp_path / "r1.atr").write_bytes(pack_annotations(beats))
    record = read_wfdb(tmp_path / "r1", annotator="atr")
    assert (
        float((cut_beats(record).sequences.values - cut_beats(expected).sequences.values).abs().max()) < 0.01
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"samples": None}, r"must have annotations to be cut into beats; record r1 has none\. Read it with an annotator"),
        ({"symbols": None}, r"must have annotations to be cut into beats; record r1 has none"),
        ({"channels": ("V5",)}, r"the same channels; got II in the first, but V5 in records\[1\] \(r1\)\. Choose them"),
    ],
)  # fmt: skip
def test_records_that_do_not_fit_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidSequenceError, match=message):
        cut_beats([record_at(125), replace(record_at(125), name="r1", **change)])


@pytest.mark.parametrize("records", [[], [record_at(125, n_beats=2, symbols="N")]])
def test_no_beat_is_an_error(records: list[WFDBRecord]) -> None:
    short = [replace(one, samples=np.array([0, 5])) for one in records]
    with pytest.raises(
        InvalidSequenceError, match=r"a beat of at least 26 steps \(0\.2 s\); got none in \d records\. Are"
    ):
        cut_beats(short)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"records": 3}, r"`records` must be of type WFDBRecord; got records\[0\] of type int"),
        ({"records": ["r1"]}, r"`records` must be of type WFDBRecord; got records\[0\] of type str"),
        ({"cut": 125}, r"`cut` must be a BeatCut or None; got int\. For example, pass `BeatCut\(window"),
        ({"drop_last_beat": None}, r"`drop_last_beat` must be True or False; got None"),
        ({"missing": "keep"}, r"`missing` must be one of \['error', 'drop'\]; got 'keep'"),
        (
            {"cut": BeatCut(sampling_rate=1e9)},
            r"ratio of integers up to 100000 with the 125 Hz of the record; got 1e\+09 Hz",
        ),
    ],
)
def test_options_of_another_kind_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        cut_beats(**({"records": record_at(125)} | options))
