from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqclf.datasets import read_wfdb
from seqclf.exceptions import InvalidSequenceError
from wfdb_files import pack_annotations, write_record


def values(n_steps: int, n_channels: int) -> np.ndarray:
    return np.random.default_rng(n_steps).integers(-100, 100, (n_steps, n_channels))


def write_fixed(folder: Path) -> np.ndarray:
    """Write a record of two segments of the same signals, in different formats, around a gap."""
    first, second = values(60, 2), values(41, 2)
    write_record(folder, "m_1", first, form=16, channels=("I", "I"))
    write_record(folder, "m_2", second, form=212, gain="50(3)/mV", channels=("I", "I"))
    (folder / "m.hea").write_text("m/3 2 250 131\nm_1 60\n~ 30\nm_2 41\n# joined\n")
    (folder / "m.atr").write_bytes(pack_annotations([(5, "N", b""), (100, "V", b"")]))
    return np.concatenate([first / 200, np.full((30, 2), np.nan), (second - 3) / 50])


def write_variable(folder: Path) -> np.ndarray:
    """Write a record of three signals; its segments have one or two of them."""
    first, second = values(60, 2), values(40, 1)
    layout = "m_layout 3 250 0\n~ 0 200/mV 0 0 0 0 0 I\n~ 0 200/mV 0 0 0 0 0 V\n~ 0 200/mV 0 0 0 0 0 II\n"
    (folder / "m_layout.hea").write_text(layout)
    write_record(folder, "m_1", first, channels=("II", "I"))
    write_record(folder, "m_2", second, channels=("II",))
    (folder / "m.hea").write_text("m/3 3 250 100\nm_layout 0\nm_1 60\nm_2 40\n")
    joined = np.full((100, 3), np.nan)
    joined[:60, [2, 0]] = first / 200
    joined[60:, 2] = second[:, 0] / 200
    return joined


def test_segments_of_the_same_signals_and_gaps_are_joined(tmp_path: Path) -> None:
    expected = write_fixed(tmp_path)
    np.testing.assert_array_equal(read_wfdb(tmp_path / "m", missing="keep").signal, expected)
    with pytest.raises(
        InvalidSequenceError, match=r"got none for 30 of 131 samples of I in record m, the first at 60\."
    ):
        read_wfdb(tmp_path / "m")


def test_segments_of_different_signals_are_joined_as_by_wfdb(tmp_path: Path, wfdb: Any) -> None:
    expected = write_variable(tmp_path)
    np.testing.assert_array_equal(read_wfdb(tmp_path / "m", missing="keep").signal, expected)
    np.testing.assert_array_equal(wfdb.rdrecord(str(tmp_path / "m")).p_signal, expected)


def test_the_first_segment_may_leave_out_its_length(tmp_path: Path) -> None:
    expected = write_fixed(tmp_path)
    text = (tmp_path / "m_1.hea").read_text()
    (tmp_path / "m_1.hea").write_text(text.replace(" 250 60", " 250"))
    np.testing.assert_array_equal(read_wfdb(tmp_path / "m", missing="keep").signal, expected)


def test_annotations_and_comments_belong_to_the_joined_record(tmp_path: Path) -> None:
    write_fixed(tmp_path)
    record = read_wfdb(tmp_path / "m.hea", annotator="atr", missing="keep")
    assert record.samples is not None
    assert record.samples.tolist() == [5, 100]
    assert (record.name, record.comments, record.units) == ("m", ("joined",), ("mV", "mV"))


def test_channels_are_chosen_in_segments(tmp_path: Path) -> None:
    expected = write_variable(tmp_path)
    np.testing.assert_array_equal(read_wfdb(tmp_path / "m", channels=["II"]).signal, expected[:, 2:])
    none = read_wfdb(tmp_path / "m", channels=["V", "II"], missing="keep")
    np.testing.assert_array_equal(none.signal, expected[:, 1:])
    with pytest.raises(ValueError, match=r"m\.hea, which has I, V, II; got channels\[0\]='aVR'"):
        read_wfdb(tmp_path / "m", channels=["aVR"])


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("m", "131", "132", r"m\.hea must have 132 frames, as its first line says; its segments have 131"),
        ("m", "m_2 41", "m_2 40", r"m_2\.hea must have 250 Hz and 40 frames, as m\.hea says; got 250 Hz and 41"),
        ("m_2", " 250 ", " 360 ", r"m_2\.hea must have 250 Hz and 41 frames, as m\.hea says; got 360 Hz and 41"),
        ("m_2", " 250 41", " 250 40", r"m_2\.hea must have 250 Hz and 41 frames"),
        ("m_2", "I\n", "V\n", r"m_2\.hea must have the signals of the first segment, I, I; got V, I"),
        ("m_2", "/mV", "/uV", r"m\.hea must have segments in which I has the same units .*; got mV x1 and uV x1"),
        ("m", "m_1 60", "m 60", r"m\.hea must describe a segment of m\.hea; it has segments itself"),
        ("m", "m_1 60\n~ 30\nm_2 41", "~ 60\n~ 30\n~ 41", r"m\.hea must have a segment that is not a gap; got none"),
        ("m", "m_1 60", "../m_1 60", r"m\.hea must give the record name, in the same folder, .*; got '\.\./m_1 60'"),
        ("m", "~ 30", "~ 999999999", r"m\.hea must describe signals of at most 268,435,456 samples"),
    ],
)  # fmt: skip
def test_segments_that_do_not_fit_are_refused(
    tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    write_fixed(tmp_path)
    path = tmp_path / f"{file}.hea"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(InvalidSequenceError, match=message):
        read_wfdb(tmp_path / "m", missing="keep")


def test_a_segment_without_a_length_must_have_that_of_the_record(tmp_path: Path) -> None:
    write_fixed(tmp_path)
    for path, old, new in (
        (tmp_path / "m_2.hea", " 250 41", " 250"),
        (tmp_path / "m.hea", "m_2 41", "m_2 40"),
    ):
        path.write_text(path.read_text().replace(old, new))
    (tmp_path / "m.hea").write_text((tmp_path / "m.hea").read_text().replace("131", "130"))
    with pytest.raises(
        InvalidSequenceError, match=r"m\.hea must have a segment of 40 frames; its signal I has 41"
    ):
        read_wfdb(tmp_path / "m", missing="keep")


def test_a_missing_segment_is_reported(tmp_path: Path) -> None:
    write_fixed(tmp_path)
    (tmp_path / "m_2.hea").unlink()
    with pytest.raises(FileNotFoundError, match=r"m_2\.hea must exist, as m\.hea names it; it is missing"):
        read_wfdb(tmp_path / "m")
