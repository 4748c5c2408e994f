from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from seqclf.datasets._aami import AAMI_CLASS_OF_SYMBOL
from seqclf.datasets._checksums import published_checksums
from seqclf.datasets._record import Record, read_record, unpack_212
from seqclf.exceptions import InvalidSequenceError

from .conftest import WriteRecord, pack_212


def read(folder: Path, number: int = 100, lead: str = "MLII") -> Record:
    """Read a record without comparing its files with those of the database."""
    names = [f"{number}{suffix}" for suffix in (".hea", ".dat", ".atr")]
    return read_record(folder, number, lead, checksums=dict.fromkeys(names, ""))


def test_a_record_is_read(write_record: WriteRecord) -> None:
    record = read(write_record())
    assert record.frequency == 360
    assert record.signal.shape == (7200,)
    assert record.peaks.tolist() == list(range(360, 7000, 360))
    assert record.classes[:3].tolist() == ["N", "V", "N"]
    assert np.median(record.signal) == 0
    assert int(record.signal[:600].argmax()) == 360


def test_the_lead_is_found_by_its_name(write_record: WriteRecord) -> None:
    folder = write_record(114, leads=("V5", "MLII"))
    first, second = (read(folder, 114, lead) for lead in ("V5", "MLII"))
    np.testing.assert_allclose(first.signal, second.signal)  # equal up to their medians


@pytest.mark.parametrize("number", [102, 104])
def test_the_first_lead_is_read_if_the_record_has_no_mlii(write_record: WriteRecord, number: int) -> None:
    assert read(write_record(number, leads=("V5", "V2")), number, "MLII").signal.shape == (7200,)


def test_a_missing_lead_is_refused(write_record: WriteRecord) -> None:
    with pytest.raises(
        ValueError,
        match=r"available in every record; got 'V5', but record 100 has MLII and V1\. Choose another lead",
    ):
        read(write_record(), 100, "V5")
    with pytest.raises(ValueError, match=r"got 'V1', but record 102 has V5 and V2"):
        read(write_record(102, leads=("V5", "V2")), 102, "V1")


@pytest.mark.parametrize("suffix", [".hea", ".dat", ".atr"])
def test_a_missing_file_is_reported(write_record: WriteRecord, suffix: str) -> None:
    folder = write_record()
    (folder / f"100{suffix}").unlink()
    with pytest.raises(FileNotFoundError, match=rf"100\{suffix} is missing\. Load with `download=True`"):
        read(folder)


@pytest.mark.parametrize(("change", "word"), [(-300, "truncated"), (3, "too long")])
def test_a_signal_file_of_the_wrong_size_is_reported(
    write_record: WriteRecord, change: int, word: str
) -> None:
    folder = write_record()
    content = (folder / "100.dat").read_bytes()
    (folder / "100.dat").write_bytes(content[:change] if change < 0 else content + b"\0" * change)
    expected = rf"100\.dat must have 21600 bytes \(2 signals of 7200 samples.*got {21600 + change}\. The file is {word}"
    with pytest.raises(InvalidSequenceError, match=expected):
        read(folder)


def test_the_checksum_reveals_a_changed_sample(write_record: WriteRecord) -> None:
    folder = write_record()
    content = bytearray((folder / "100.dat").read_bytes())
    content[3000] ^= 1
    (folder / "100.dat").write_bytes(content)
    with pytest.raises(
        InvalidSequenceError, match=r"100\.dat, lead MLII, must have the checksum \d+ .* got \d+\."
    ):
        read(folder)


def test_three_bytes_contain_two_samples() -> None:
    # Lower bytes 0x01 and 0x02; upper bits 0x3 of the first and 0xF of the second sample, which is negative.
    assert unpack_212(bytes([0x01, 0xF3, 0x02])).tolist() == [0x301, 0x02 - 0x100]
    samples = np.random.default_rng(0).integers(-2048, 2048, 1000)
    assert unpack_212(pack_212(samples)).tolist() == samples.tolist()
    assert unpack_212(pack_212(np.array([-2048, 2047, 5, 0]))[:-1])[:3].tolist() == [-2048, 2047, 5]


def test_files_that_differ_from_the_database_are_named(
    write_record: WriteRecord, published: dict[str, str]
) -> None:
    folder = write_record()
    assert read_record(folder, 100, "MLII", checksums=published).modified == ()
    for name in ("100.hea", "100.atr"):
        published[name] = "0" * 64
    assert read_record(folder, 100, "MLII", checksums=published).modified == ("100.hea", "100.atr")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFOs")
@pytest.mark.parametrize("suffix", [".hea", ".dat", ".atr"])
def test_a_fifo_is_refused(write_record: WriteRecord, suffix: str) -> None:
    folder = write_record()
    (folder / f"100{suffix}").unlink()
    os.mkfifo(folder / f"100{suffix}")
    with pytest.raises(InvalidSequenceError, match=rf"100\{suffix} must be a regular file"):
        read(folder)


@pytest.mark.parametrize("number", [100, 102, 114, 208, 231])
def test_real_records_are_read_as_by_wfdb(mitdb: Path, number: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # wfdb 4.3 uses functions that pandas 3.1 deprecates
        wfdb = pytest.importorskip("wfdb", reason="wfdb is not installed")
        expected = wfdb.rdrecord(str(mitdb / str(number)), physical=False)
        annotation = wfdb.rdann(str(mitdb / str(number)), "atr")
    channel = expected.sig_name.index("V5" if number == 102 else "MLII")
    record = read_record(mitdb, number, "MLII", checksums=published_checksums())
    assert record.modified == ()
    digital = expected.d_signal[:, channel]
    np.testing.assert_array_equal(record.signal, digital - np.median(digital))
    beats = [
        (sample, AAMI_CLASS_OF_SYMBOL[symbol])
        for sample, symbol in zip(annotation.sample, annotation.symbol, strict=True)
        if symbol in AAMI_CLASS_OF_SYMBOL
    ]
    assert list(zip(record.peaks, record.classes, strict=True)) == beats
