from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from seqclf.datasets._annotations import BEAT_SYMBOLS, read_beats
from seqclf.exceptions import InvalidSequenceError

from .conftest import pack_annotations, word

PATH = Path("mitdb", "100.atr")
BEATS = [(100, "N", b""), (400, "V", b""), (9000, "N", b"")]


def test_beats_are_read_by_hand() -> None:
    # Code 1 (N) after 100 samples, code 28 (+, a change of rhythm) with the text "(N", code 5 (V) after 300 samples.
    content = b"\x64\x04" + b"\x00\x70" + b"\x02\xfc(N" + b"\x2c\x15" + b"\x00\x00"
    peaks, classes = read_beats(PATH, content, 1000)
    assert peaks.tolist() == [100, 400]
    assert classes.tolist() == ["N", "V"]


def test_distances_may_be_long_or_negative() -> None:
    peaks, classes = read_beats(PATH, pack_annotations([*BEATS, (70_000, "V", b"")]), 650_000)
    assert peaks.tolist() == [100, 400, 9000, 70_000]
    assert classes.tolist() == ["N", "V", "N", "V"]
    peaks, _ = read_beats(PATH, pack_annotations([(500, "+", b"odd"), *BEATS]), 650_000)
    assert peaks.tolist() == [100, 400, 9000]


def test_every_symbol_is_read_as_by_wfdb(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # wfdb 4.3 uses functions that pandas 3.1 deprecates
        wfdb = pytest.importorskip("wfdb", reason="wfdb is not installed")
        symbols = [label.symbol for label in wfdb.io.annotation.ann_labels if label.symbol.strip()] * 3
        samples = np.cumsum(np.random.default_rng(0).integers(1, 3000, len(symbols)))
        numbers = np.arange(len(symbols)) % 5
        wfdb.wrann(
            "100",
            "atr",
            samples,
            symbol=symbols,
            chan=numbers,
            num=numbers,
            subtype=numbers,
            fs=360,
            write_dir=str(tmp_path),
        )
    assert {
        label.label_store: label.symbol for label in wfdb.io.annotation.ann_labels
    }.items() >= BEAT_SYMBOLS.items()
    peaks, _ = read_beats(PATH, (tmp_path / "100.atr").read_bytes(), int(samples[-1]) + 1)
    beats = set(BEAT_SYMBOLS.values())
    assert peaks.tolist() == [
        sample for sample, symbol in zip(samples, symbols, strict=True) if symbol in beats
    ]


@pytest.mark.parametrize("left", [0, 10, -2, -3])
def test_truncated_annotations_are_refused(left: int) -> None:
    with pytest.raises(
        InvalidSequenceError, match=r"100\.atr must end with an empty annotation.*is truncated"
    ):
        read_beats(PATH, pack_annotations(BEATS)[:left], 10_000)


@pytest.mark.parametrize(
    "end",
    [
        word(0, 0) + word(1, 5),
        word(0, 0),
        word(63, 40),
        word(63, 2),
        word(59, 0),
        word(59, 0) + word(1, 1),
    ],
)
def test_annotations_that_end_before_or_after_the_file_are_refused(end: bytes) -> None:
    content = pack_annotations(BEATS)[:-2] + end + bytes(2)
    with pytest.raises(
        InvalidSequenceError, match=r"100\.atr must end where its annotations end; got \d+ bytes"
    ):
        read_beats(PATH, content, 10_000)


@pytest.mark.parametrize(
    ("peaks", "message"),
    [
        ((), r"at least two beats, .*; got 0 beats\. Delete it"),
        ((360,), r"at least two beats, .*; got 1 beats\. Delete it"),
        ((360, 720, 9000), r"within the 7200 samples .*; got 3 beats, beat 2 at sample 9000\."),
        ((-5, 720), r"got 2 beats, beat 0 at sample -5\."),
        ((720, 360), r"in order .*; got 2 beats, beat 1 at sample 360\."),
        ((360, 2**31 - 1), r"beat 1 at sample 2147483647\."),
    ],
)
def test_beats_outside_the_record_or_out_of_order_are_refused(peaks: tuple[int, ...], message: str) -> None:
    with pytest.raises(InvalidSequenceError, match=message):
        read_beats(PATH, pack_annotations([(peak, "N", b"") for peak in peaks]), 7200)


def test_annotations_of_another_rate_are_refused() -> None:
    def with_rate(text: bytes) -> bytes:
        return pack_annotations([(0, "+", text), *BEATS])

    assert len(read_beats(PATH, with_rate(b"## time resolution: 360"), 10_000)[0]) == 3
    for rate in ("250", "1e9", "fast", ""):
        with pytest.raises(
            InvalidSequenceError,
            match=rf"must count in samples of 360 Hz; got the time resolution '{rate}'\. Write",
        ):
            read_beats(PATH, with_rate(b"## time resolution: " + rate.encode()), 10_000)
