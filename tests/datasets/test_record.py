from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from seqclf.datasets._record import read_record
from seqclf.exceptions import InvalidSequenceError

from .conftest import WriteRecord


def test_a_record_is_read(write_record: WriteRecord) -> None:
    record = read_record(write_record(), 100, "MLII")
    assert record.frequency == 360
    assert record.signal.shape == (7200,)
    assert record.peaks.tolist() == list(range(360, 7000, 360))
    assert record.classes[:3].tolist() == ["N", "V", "N"]
    assert np.median(record.signal) == 0
    assert int(record.signal[:600].argmax()) == 360


def test_the_lead_is_found_by_its_name(write_record: WriteRecord) -> None:
    folder = write_record(114, leads=("V5", "MLII"))
    first, second = (read_record(folder, 114, lead) for lead in ("V5", "MLII"))
    np.testing.assert_allclose(first.signal, second.signal)  # equal up to their medians


@pytest.mark.parametrize("number", [102, 104])
def test_the_first_lead_is_read_if_the_record_has_no_mlii(write_record: WriteRecord, number: int) -> None:
    assert read_record(write_record(number, leads=("V5", "V2")), number, "MLII").signal.shape == (7200,)


def test_a_missing_lead_is_refused(write_record: WriteRecord) -> None:
    with pytest.raises(
        ValueError,
        match=r"available in every record; got 'V5', but record 100 has MLII and V1\. Choose another lead",
    ):
        read_record(write_record(), 100, "V5")
    with pytest.raises(ValueError, match=r"got 'V1', but record 102 has V5 and V2"):
        read_record(write_record(102, leads=("V5", "V2")), 102, "V1")


@pytest.mark.parametrize("suffix", [".hea", ".dat", ".atr"])
def test_a_missing_file_is_reported(write_record: WriteRecord, suffix: str) -> None:
    folder = write_record()
    (folder / f"100{suffix}").unlink()
    with pytest.raises(FileNotFoundError, match=rf"100\{suffix} is missing\. Load with `download=True`"):
        read_record(folder, 100, "MLII")


@pytest.mark.parametrize(("change", "word"), [(-300, "truncated"), (3, "too long")])
def test_a_signal_file_of_the_wrong_size_is_reported(
    write_record: WriteRecord, change: int, word: str
) -> None:
    folder = write_record()
    content = (folder / "100.dat").read_bytes()
    (folder / "100.dat").write_bytes(content[:change] if change < 0 else content + b"\0" * change)
    expected = rf"100\.dat must have 21600 bytes \(2 signals of 7200 samples.*got {21600 + change}\. The file is {word}"
    with pytest.raises(InvalidSequenceError, match=expected):
        read_record(folder, 100, "MLII")


def test_the_checksum_reveals_a_changed_sample(write_record: WriteRecord) -> None:
    folder = write_record()
    content = bytearray((folder / "100.dat").read_bytes())
    content[3000] ^= 1
    (folder / "100.dat").write_bytes(content)
    with pytest.raises(
        InvalidSequenceError, match=r"100\.dat, lead MLII, must have the checksum \d+ .* got \d+\."
    ):
        read_record(folder, 100, "MLII")


def test_an_invalid_header_is_reported(write_record: WriteRecord) -> None:
    folder = write_record()
    (folder / "100.hea").write_text("<html>Not found</html>\n")
    with pytest.raises(InvalidSequenceError, match=r"100\.hea must .* Delete it and load again"):
        read_record(folder, 100, "MLII")


def test_another_format_is_reported(write_record: WriteRecord) -> None:
    folder = write_record()
    header = (folder / "100.hea").read_text()
    (folder / "100.hea").write_text(header.replace(" 212 ", " 16 "))
    with pytest.raises(
        InvalidSequenceError, match=r"100\.hea must describe signals in format 212.*got 2 signals"
    ):
        read_record(folder, 100, "MLII")


@pytest.mark.parametrize("left", [0, 10, -2])
def test_truncated_annotations_are_reported(write_record: WriteRecord, left: int) -> None:
    folder = write_record()
    content = (folder / "100.atr").read_bytes()
    (folder / "100.atr").write_bytes(content[:left])
    with pytest.raises(
        InvalidSequenceError, match=r"100\.atr must end with an empty annotation.*is truncated"
    ):
        read_record(folder, 100, "MLII")


def test_beats_after_the_end_of_the_record_are_refused(write_record: WriteRecord) -> None:
    folder = write_record(peaks=(360, 720, 9000))
    with pytest.raises(
        InvalidSequenceError, match=r"within the 7200 samples.*got 3 beats, the last at sample 9000"
    ):
        read_record(folder, 100, "MLII")


def test_a_record_with_one_beat_is_refused(write_record: WriteRecord) -> None:
    with pytest.raises(InvalidSequenceError, match="must annotate at least two beats"):
        read_record(write_record(peaks=(360,)), 100, "MLII")


def test_without_wfdb_the_message_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wfdb", None)
    with pytest.raises(ImportError, match=r"requires the package wfdb.*pip install 'seqclf\[mitbih\]'"):
        read_record(tmp_path, 100, "MLII")
