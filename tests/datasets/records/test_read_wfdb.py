from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqclf.datasets import read_wfdb
from seqclf.exceptions import InvalidSequenceError
from wfdb_files import checksum, pack, pack_annotations, write_record


def values(n_steps: int, n_channels: int, bound: int = 100) -> np.ndarray:
    return np.random.default_rng(n_steps).integers(-bound, bound, (n_steps, n_channels))


def test_a_record_is_read(tmp_path: Path) -> None:
    samples = values(300, 2)
    write_record(tmp_path, "r1", samples, rate="257", gain="100(7)/uV")
    (tmp_path / "r1.atr").write_bytes(pack_annotations([(3, "+", b"(AFIB"), (40, "N", b""), (299, "V", b"")]))
    for path in (tmp_path / "r1", str(tmp_path / "r1.hea")):
        record = read_wfdb(path, annotator="atr")
        np.testing.assert_array_equal(record.signal, (samples - 7) / 100)
        assert (record.name, record.sampling_rate) == ("r1", 257)
        assert (record.channels, record.units) == (("I", "II"), ("uV", "uV"))
        assert record.samples is not None
        assert record.symbols is not None
        assert record.notes is not None
        assert record.samples.tolist() == [3, 40, 299]
        assert record.symbols.tolist() == ["+", "N", "V"]
        assert record.notes.tolist() == ["(AFIB", "", ""]
        assert record.comments == ("a comment",)


def test_annotations_are_read_only_if_asked_for(tmp_path: Path) -> None:
    write_record(tmp_path, "r1", values(300, 2))
    record = read_wfdb(tmp_path / "r1")
    assert (record.samples, record.symbols, record.notes) == (None, None, None)
    with pytest.raises(FileNotFoundError, match=r"r1\.qrs must exist; it is missing"):
        read_wfdb(tmp_path / "r1", annotator="qrs")


def test_channels_are_chosen_by_name_or_number(tmp_path: Path) -> None:
    samples = values(100, 3)
    write_record(tmp_path, "r1", samples, channels=("ECG", "ECG", "ABP"))
    record = read_wfdb(tmp_path / "r1", channels=["ABP", 0])
    np.testing.assert_array_equal(record.signal, samples[:, [2, 0]] / 200)
    assert record.channels == ("ABP", "ECG")
    for channels, message in (
        (["V5"], r"has ECG, ECG, ABP; got channels\[0\]='V5', which it does not have\. Choose another\."),
        ([1, 3], r"got channels\[1\]=3, which it does not have"),
        ([-1], r"got channels\[0\]=-1, which"),
        ([True], r"got channels\[0\]=True, which"),
        (
            ["ECG"],
            r"got channels\[0\]='ECG', which several of its channels have\. Choose another, or pass its number",
        ),
        ([], r"`channels` must have at least one channel; got none\. Pass None"),
    ):
        with pytest.raises(ValueError, match=message):
            read_wfdb(tmp_path / "r1", channels=channels)


@pytest.mark.parametrize("form", [16, 24, 32, 61, 80, 160, 212, 310, 311])
@pytest.mark.parametrize(("n_steps", "n_channels"), [(50, 1), (51, 1), (50, 3)])
def test_each_format_is_read_as_it_was_written_and_as_by_wfdb(
    tmp_path: Path, wfdb: Any, form: int, n_steps: int, n_channels: int
) -> None:
    samples = values(n_steps, n_channels)
    write_record(tmp_path, "r1", samples, form=form)
    signal = read_wfdb(tmp_path / "r1").signal
    np.testing.assert_array_equal(signal, samples / 200)
    np.testing.assert_array_equal(signal, wfdb.rdrecord(str(tmp_path / "r1")).p_signal)


def test_format_8_sums_differences_from_the_first_value(tmp_path: Path, wfdb: Any) -> None:
    samples = np.cumsum(values(60, 1, 20), axis=0)
    write_record(tmp_path, "r1", samples, form=8)
    (tmp_path / "r1.dat").write_bytes(bytes(1) + pack(8, samples[:, 0])[1:])
    np.testing.assert_array_equal(read_wfdb(tmp_path / "r1").signal, samples / 200)
    np.testing.assert_array_equal(wfdb.rdrecord(str(tmp_path / "r1")).p_signal, samples / 200)


@pytest.mark.parametrize("form", ["16", "24", "32", "80", "212", "508", "516", "524"])
def test_what_wfdb_writes_is_read(tmp_path: Path, wfdb: Any, form: str) -> None:
    samples = values(501, 2)
    samples[7, 1] = {"16": -(2**15), "24": -(2**23), "32": -(2**31), "212": -2048}.get(form, samples[7, 1])
    wfdb.wrsamp(
        "r1", 128, ["mV", "uV"], ["II", "V 5"], d_signal=samples, fmt=[form] * 2, adc_gain=[200.0, 3.5], baseline=[0, -11],
        comments=["Age: 30"], write_dir=str(tmp_path),
    )  # fmt: skip
    record = read_wfdb(tmp_path / "r1", missing="keep")
    expected = (samples - [0, -11]) / [200, 3.5]
    if form in {"16", "24", "32", "212"}:
        expected[7, 1] = np.nan
    np.testing.assert_array_equal(record.signal, expected)
    assert (record.channels, record.units, record.sampling_rate) == (("II", "V 5"), ("mV", "uV"), 128)
    assert record.comments == ("Age: 30",)


def write_two_files(folder: Path) -> list[np.ndarray]:
    """Write a record whose second file has an offset, and a signal of four samples in each frame."""
    slow, fast = values(50, 1)[:, 0], values(200, 1)[:, 0]
    lines = [
        "r1 3 125 50",
        "slow.dat 212 200 12 0 0 0 0 RESP",
        f"fast.mat 16x4+24 200 12 0 0 {checksum(fast)} 0 II",
    ]
    lines[1] = f"slow.dat 212 200 12 0 0 {checksum(slow)} 0 RESP"
    (folder / "r1.hea").write_text("\n".join([*lines, f"fast.mat 16+24 200 12 0 0 {checksum(slow)} 0 PLETH"]))
    (folder / "slow.dat").write_bytes(pack(212, slow))
    frames = np.column_stack([fast.reshape(50, 4), slow])
    (folder / "fast.mat").write_bytes(bytes(24) + pack(16, frames.ravel()))
    return [slow, fast]


def test_several_files_with_offsets_and_samples_per_frame_are_read(tmp_path: Path, wfdb: Any) -> None:
    slow, fast = write_two_files(tmp_path)
    (tmp_path / "r1.atr").write_bytes(pack_annotations([(10, "N", b"")]))
    record = read_wfdb(tmp_path / "r1", channels=["II"], annotator="atr")
    np.testing.assert_array_equal(record.signal[:, 0], fast / 200)
    assert record.sampling_rate == 500
    assert record.samples is not None
    assert record.samples.tolist() == [40]
    expected = wfdb.rdrecord(str(tmp_path / "r1"), smooth_frames=False).e_p_signal
    np.testing.assert_array_equal(record.signal[:, 0], expected[1])
    both = read_wfdb(tmp_path / "r1", channels=["RESP", "PLETH"])
    np.testing.assert_array_equal(both.signal, np.column_stack([slow, slow]) / 200)
    with pytest.raises(
        ValueError,
        match=r"r1\.hea must have one sampling rate; got RESP at 125 Hz, II at 500 Hz, PLETH at 125 Hz\. Choose",
    ):
        read_wfdb(tmp_path / "r1")
    assert read_wfdb(tmp_path / "r1", resample_to=250).signal.shape == (100, 3)
    header = tmp_path / "r1.hea"
    header.write_text(header.read_text().replace("RESP", "II"))
    with pytest.raises(ValueError, match=r"must have one sampling rate; got II at 125 Hz, II at 500 Hz"):
        read_wfdb(tmp_path / "r1", channels=[0, 1])


def test_a_late_signal_is_moved_to_its_time(tmp_path: Path) -> None:
    samples = values(50, 2)
    write_record(tmp_path, "r1", samples)
    header = (tmp_path / "r1.hea").read_text().split("\n")
    header[2] = header[2].replace(" 16 ", " 16:3 ")
    (tmp_path / "r1.hea").write_text("\n".join(header))
    signal = read_wfdb(tmp_path / "r1", missing="keep").signal
    np.testing.assert_array_equal(signal[:, 0], samples[:, 0] / 200)
    np.testing.assert_array_equal(signal[:-3, 1], samples[3:, 1] / 200)
    assert np.isnan(signal[-3:, 1]).all()


def test_the_length_follows_from_the_file_if_the_header_does_not_give_it(tmp_path: Path) -> None:
    for form in (16, 212, 310):
        samples = values(51, 2)
        write_record(tmp_path, "r1", samples, form=form)
        text = (tmp_path / "r1.hea").read_text()
        (tmp_path / "r1.hea").write_text(text.replace("250 51", "250"))
        np.testing.assert_array_equal(read_wfdb(tmp_path / "r1").signal, samples / 200)


def test_annotations_of_another_rate_are_moved_to_the_steps_of_the_signal(tmp_path: Path) -> None:
    write_record(tmp_path, "r1", values(500, 1))
    notes = [(0, '"', b"## time resolution: 1000"), (400, "N", b""), (1000, "N", b"")]
    (tmp_path / "r1.atr").write_bytes(pack_annotations(notes))
    record = read_wfdb(tmp_path / "r1", annotator="atr", resample_to=125)
    assert record.samples is not None
    assert record.samples.tolist() == [50, 125]
    assert (len(record.signal), record.sampling_rate) == (250, 125)


def test_missing_samples_are_an_error_or_nan(tmp_path: Path) -> None:
    samples = values(50, 2)
    samples[[20, 33], 1] = -(2**15)
    write_record(tmp_path, "r1", samples)
    with pytest.raises(
        InvalidSequenceError,
        match=r"got none for 2 of 50 samples of II in record r1, the first at 20\. Choose other channels, or .*missing=\"keep\"\)`",
    ):
        read_wfdb(tmp_path / "r1")
    assert np.isnan(read_wfdb(tmp_path / "r1", missing="keep").signal).nonzero()[0].tolist() == [20, 33]
    assert read_wfdb(tmp_path / "r1", channels=["I"]).signal.shape == (50, 1)


@pytest.mark.parametrize("total", [0, -1, 2**16 + 7])
def test_a_wrong_checksum_is_an_error_unless_it_is_not_verified(tmp_path: Path, total: int) -> None:
    samples = values(50, 2)
    samples[:4, 0] += (total - samples[:, 0].sum()) // 4
    samples[0, 0] += total - samples[:, 0].sum()
    write_record(tmp_path, "r1", samples)
    content = bytearray((tmp_path / "r1.dat").read_bytes())
    content[41] ^= 8
    (tmp_path / "r1.dat").write_bytes(content)
    with pytest.raises(
        InvalidSequenceError,
        match=r"r1\.dat, I, must have the checksum \d+ .*; got \d+\. The file is damaged",
    ):
        read_wfdb(tmp_path / "r1")
    changed = read_wfdb(tmp_path / "r1", verify=False).signal * 200 - samples
    assert np.flatnonzero(np.rint(changed)).tolist() == [20]
    assert read_wfdb(tmp_path / "r1", channels=["II"]).signal.shape == (50, 1)


@pytest.mark.parametrize("form", [16, 24, 80, 212, 310, 311])
@pytest.mark.parametrize(("change", "word"), [(-9, "truncated"), (9, "too long"), (-10_000, "truncated")])
def test_a_signal_file_of_the_wrong_size_is_refused(
    tmp_path: Path, form: int, change: int, word: str
) -> None:
    write_record(tmp_path, "r1", values(51, 1), form=form)
    content = (tmp_path / "r1.dat").read_bytes()
    (tmp_path / "r1.dat").write_bytes(content[:change] if change < 0 else content + bytes(change))
    message = rf"r1\.dat must have {len(content)} bytes \(1 signals of 51 frames, format {form}\); got {{}}\. The file is {word}"
    with pytest.raises(InvalidSequenceError, match=message.format(max(len(content) + change, 0))):
        read_wfdb(tmp_path / "r1")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("r1.dat 16 ", "r1.dat 24 ", r"r1\.dat must have one format and one offset for all its signals"),
        ("r1.dat 16 ", "r1.dat 16+4 ", r"r1\.dat must have one format and one offset for all its signals"),
        ("250 50\nr1.dat 16 ", "250\n~ 0 ", r"r1\.hea must give the number of samples of signals without a file"),
        ("r1.dat 16 ", "../r1.dat 16 ", r"r1\.hea must name signal files in its own folder; got '\.\./r1\.dat'\. Copy"),
    ],
)  # fmt: skip
def test_a_header_that_contradicts_itself_is_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    write_record(tmp_path, "r1", values(50, 2))
    text = (tmp_path / "r1.hea").read_text()
    assert old in text
    (tmp_path / "r1.hea").write_text(text.replace(old, new, 1))
    with pytest.raises(InvalidSequenceError, match=message):
        read_wfdb(tmp_path / "r1", channels=[0])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFOs")
@pytest.mark.parametrize("suffix", ["hea", "dat", "atr"])
def test_a_fifo_a_link_elsewhere_and_a_missing_file_are_refused(tmp_path: Path, suffix: str) -> None:
    folder = tmp_path / "db"
    folder.mkdir()
    write_record(folder, "r1", values(50, 2))
    (folder / "r1.atr").write_bytes(pack_annotations([(5, "N", b"")]))
    path = folder / f"r1.{suffix}"
    path.rename(tmp_path / "moved")
    named = r", as r1\.hea names it" if suffix == "dat" else ""
    with pytest.raises(FileNotFoundError, match=rf"r1\.{suffix} must exist{named}; it is missing\. Correct"):
        read_wfdb(folder / "r1", annotator="atr")
    path.symlink_to(tmp_path / "moved")
    with pytest.raises(
        InvalidSequenceError, match=rf"r1\.{suffix} must be a file inside its folder; got a link to"
    ):
        read_wfdb(folder / "r1", annotator="atr")
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(InvalidSequenceError, match=rf"r1\.{suffix} must be a regular file"):
        read_wfdb(folder / "r1", annotator="atr")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"channels": "II"}, r"`channels` must be a sequence of names or numbers of channels; got 'II'"),
        (
            {"annotator": "../x"},
            r'`annotator` must be the suffix of an annotation file, such as "atr"; got \'\.\./x\'',
        ),
        ({"annotator": 3}, r"`annotator` must be the suffix .*; got 3"),
        ({"resample_to": 0}, r"`resample_to` must be positive and finite; got 0"),
        ({"resample_to": "fast"}, r"`resample_to` must be a number; got 'fast'"),
        ({"missing": "drop"}, r"`missing` must be one of \['error', 'keep'\]; got 'drop'"),
        ({"verify": 1}, r"`verify` must be True or False; got 1"),
    ],
)
def test_options_of_another_kind_are_refused(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        read_wfdb(tmp_path / "r1", **options)


def test_damaged_files_end_in_an_error_that_names_them_or_change_no_signal(tmp_path: Path) -> None:
    """Only what no checksum covers may change unnoticed: numbers and names of the header, times and symbols of beats."""
    samples = values(80, 2)
    write_record(tmp_path, "r1", samples, form=212)
    times = range(5, 80, 5)
    (tmp_path / "r1.atr").write_bytes(pack_annotations((t, "NV"[t % 2], b"") for t in times))
    originals = {path: path.read_bytes() for path in sorted(tmp_path.iterdir())}
    rng = np.random.default_rng(0)
    outcomes = {"read": 0, "refused": 0}
    for i in range(600):
        path = list(originals)[i % 3]
        content = bytearray(originals[path])
        if i % 2:
            bit = int(rng.integers(8 * len(content)))
            content[bit // 8] ^= 1 << bit % 8
        else:
            start, stop = np.sort(rng.integers(0, len(content) + 1, 2))
            content[start:stop] = rng.bytes(int(rng.integers(0, 20)))
        path.write_bytes(content)
        try:
            record = read_wfdb(tmp_path / "r1", annotator="atr", missing="keep")
        except (ValueError, FileNotFoundError) as error:  # any other error fails the test
            assert str(tmp_path) in str(error)  # noqa: PT017
            outcomes["refused"] += 1
        else:
            outcomes["read"] += 1
            assert record.samples is not None
            assert (np.diff(record.samples, prepend=0) >= 0).all()
            if path.suffix == ".dat":
                np.testing.assert_array_equal(record.signal, samples / 200)
        path.write_bytes(originals[path])
    assert min(outcomes.values()) > 50, outcomes
