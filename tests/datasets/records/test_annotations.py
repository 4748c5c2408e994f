from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqclf.datasets.records._annotations import parse_annotations
from seqclf.exceptions import InvalidSequenceError
from wfdb_files import pack_annotations, word

PATH = Path("mitdb", "100.atr")
BEATS = [(100, "N", b""), (400, "V", b""), (9000, "N", b"")]


def test_annotations_are_read_by_hand() -> None:
    # Code 1 (N) after 100 samples, code 28 (+, a change of rhythm) with the text "(N", code 5 (V) after 300 samples.
    content = b"\x64\x04" + b"\x00\x70" + b"\x02\xfc(N" + b"\x2c\x15" + b"\x00\x00"
    found = parse_annotations(PATH, content)
    assert found.times.tolist() == [100, 100, 400]
    assert found.symbols.tolist() == ["N", "+", "V"]
    assert found.notes.tolist() == ["", "(N", ""]
    assert found.rate is None


def test_a_file_without_annotations_is_read() -> None:
    found = parse_annotations(PATH, bytes(2))
    assert found.times.shape == found.symbols.shape == found.notes.shape == (0,)


def test_distances_may_be_long_or_negative() -> None:
    found = parse_annotations(PATH, pack_annotations([*BEATS, (70_000, "V", b"")]))
    assert found.times.tolist() == [100, 400, 9000, 70_000]
    # A negative distance before a rhythm, which follows the beat of its time: -10 as 0xffff, 0xfff6.
    content = word(1, 500) + word(59, 0) + b"\xff\xff\xf6\xff" + word(28, 10) + bytes(2)
    assert parse_annotations(PATH, content).times.tolist() == [500, 500]
    found = parse_annotations(PATH, pack_annotations([(500, "+", b"odd"), (600, "N", b"")]))
    assert found.notes.tolist() == ["odd", ""]


def test_every_symbol_is_read_as_by_wfdb(tmp_path: Path, wfdb: Any) -> None:
    symbols = [label.symbol for label in wfdb.io.annotation.ann_labels if label.symbol.strip()] * 3
    samples = np.cumsum(np.random.default_rng(0).integers(1, 3000, len(symbols)))
    numbers = np.arange(len(symbols)) % 5
    notes = [f"note {i}" * (i % 3) for i in range(len(symbols))]
    wfdb.wrann(
        "100",
        "atr",
        samples,
        symbol=symbols,
        chan=numbers,
        num=numbers,
        subtype=numbers,
        aux_note=notes,
        fs=257.5,
        write_dir=str(tmp_path),
    )
    found = parse_annotations(PATH, (tmp_path / "100.atr").read_bytes())
    assert found.times.tolist() == samples.tolist()
    assert found.symbols.tolist() == symbols
    assert found.notes.tolist() == notes
    assert found.rate == 257.5


def test_symbols_may_be_defined_by_the_file(tmp_path: Path, wfdb: Any) -> None:
    wfdb.wrann(
        "100",
        "atr",
        np.array([10, 20, 30]),
        symbol=["N", "w", "N"],
        custom_labels=[(43, "w", "A wave")],
        write_dir=str(tmp_path),
    )
    content = (tmp_path / "100.atr").read_bytes()
    assert parse_annotations(PATH, content).symbols.tolist() == ["N", "w", "N"]
    # Code 43 without a definition, and code 0, which is not an annotation.
    plain = word(43, 5) + word(0, 5) + word(1, 5) + bytes(2)
    assert parse_annotations(PATH, plain).symbols.tolist() == ["[43]", "N"]
    assert parse_annotations(PATH, plain).times.tolist() == [5, 15]


def test_a_comment_at_the_start_is_an_annotation() -> None:
    found = parse_annotations(PATH, pack_annotations([(0, '"', b"signal lost"), *BEATS]))
    assert found.notes.tolist() == ["signal lost", "", "", ""]


@pytest.mark.parametrize("left", [0, 10, -2, -3])
def test_truncated_annotations_are_refused(left: int) -> None:
    with pytest.raises(
        InvalidSequenceError, match=r"100\.atr must end with an empty annotation.*is truncated"
    ):
        parse_annotations(PATH, pack_annotations(BEATS)[:left])


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
        parse_annotations(PATH, content)


@pytest.mark.parametrize(
    ("times", "index", "time"),
    [((-5, 720), 0, -5), ((720, 360), 1, 360), ((1, 2, -(2**31) + 2), 2, -(2**31) + 2)],
)
def test_annotations_out_of_order_are_refused(times: tuple[int, ...], index: int, time: int) -> None:
    content = pack_annotations([(time, "N", b"") for time in times])
    with pytest.raises(
        InvalidSequenceError, match=rf"order of time, from 0; got annotation {index} at {time}\. Restore"
    ):
        parse_annotations(PATH, content)


def test_unknown_codes_are_refused() -> None:
    with pytest.raises(
        InvalidSequenceError,
        match=r"annotations of the codes 0 to 49; got 50 at byte 2\. The file is damaged",
    ):
        parse_annotations(PATH, word(1, 5) + word(50, 1) + bytes(2))


@pytest.mark.parametrize("rate", ["1e99", "fast", "", "0", "-1", "nan", "9" * 100])
def test_an_invalid_rate_is_refused(rate: str) -> None:
    content = pack_annotations([(0, '"', f"## time resolution: {rate}".encode()), *BEATS])
    with pytest.raises(
        InvalidSequenceError, match=rf"must give its time resolution .*; got '{rate[:40]}'\. Restore"
    ):
        parse_annotations(PATH, content)


def test_reading_takes_one_step_for_each_word_of_a_file() -> None:
    # Words of any content: a parser that did not move on would not come back from one of them.
    for code in range(64):
        content = word(code, 1) * 50 + bytes(2)
        try:
            found = parse_annotations(PATH, content)
        except InvalidSequenceError:
            continue
        assert len(found.times) <= 50
