from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from seqclf.datasets import read_wfdb
from seqclf.exceptions import InvalidSequenceError

soundfile = pytest.importorskip("soundfile", reason="soundfile is not installed")

HEADER = "r1 2 250 {n}\nr1.flac {form} 200 12 0 0 0 0 I\nr1.flac {form} 200 12 0 0 0 0 II"


def write(
    folder: Path, *, form: str = "516", n: str = "90", subtype: str = "PCM_16", channels: int = 2
) -> np.ndarray:
    samples = np.random.default_rng(0).integers(-100, 100, (90, channels)).astype(np.int16)
    samples[-1] = -samples[:-1].sum(axis=0)  # the checksum is 0
    soundfile.write(folder / "r1.flac", samples, 96_000, subtype=subtype, format="FLAC")
    (folder / "r1.hea").write_text(HEADER.format(n=n, form=form))
    return samples


def test_a_file_is_read(tmp_path: Path) -> None:
    samples = write(tmp_path)
    np.testing.assert_array_equal(read_wfdb(tmp_path / "r1").signal, samples / 200)


def test_samples_per_frame_are_read(tmp_path: Path) -> None:
    samples = write(tmp_path, form="516x3", n="30")
    record = read_wfdb(tmp_path / "r1")
    np.testing.assert_array_equal(record.signal, samples / 200)
    assert record.sampling_rate == 750


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": "89"}, r"r1\.flac must be .* 2 channels of 89 samples of at most 16 bits.*got FLAC, 2 channels of 90 samples"),
        ({"n": "200000000"}, r"2 channels of 200000000 samples .*got FLAC, 2 channels of 90"),
        ({"n": ""}, r"must have signals of one rate, without an offset, and their length in the header, .* 516"),
        ({"form": "516+3"}, r"must have signals of one rate, without an offset"),
        ({"form": "508"}, r"samples of at most 8 bits, .*PCM_16"),
        ({"channels": 3}, r"2 channels of 90 samples of at most 16 bits, .*; got FLAC, 3 channels"),
    ],
)  # fmt: skip
def test_a_file_unlike_its_header_is_refused(tmp_path: Path, options: dict[str, str], message: str) -> None:
    write(tmp_path, **options)  # type: ignore[arg-type]
    with pytest.raises(InvalidSequenceError, match=message):
        read_wfdb(tmp_path / "r1")


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    samples = write(tmp_path)
    path = tmp_path / "r1.flac"
    content = path.read_bytes()
    for i in range(0, len(content), 3):
        damaged = bytearray(content)
        damaged[i] ^= 0x10
        for changed in (bytes(damaged), content[:i]):
            path.write_bytes(changed)
            try:
                record = read_wfdb(tmp_path / "r1")
            except InvalidSequenceError as error:
                assert "r1.flac" in str(error)  # noqa: PT017
            else:
                np.testing.assert_array_equal(record.signal, samples / 200)


def test_soundfile_is_asked_for_if_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(ImportError, match=r"format 516, which needs soundfile.*pip install 'seqclf\[flac\]'"):
        read_wfdb(tmp_path / "r1")
