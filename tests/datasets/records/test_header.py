from __future__ import annotations

from pathlib import Path

import pytest

from seqclf.datasets.records._header import Segment, parse_header
from seqclf.datasets.records._signal_line import SignalLine
from seqclf.exceptions import InvalidSequenceError

PATH = Path("mitdb", "100.hea")
REAL = """100 2 360 650000
100.dat 212 200 11 1024 995 -22131 0 MLII
100.dat 212 200 11 1024 1011 20052 0 V5
# 69 M 1085 1629 x1
# Aldomet, Inderal
"""


def test_a_header_is_parsed() -> None:
    header = parse_header(PATH, REAL.encode())
    assert (header.rate, header.n_frames, header.segments) == (360, 650_000, ())
    assert header.comments == ("69 M 1085 1629 x1", "Aldomet, Inderal")
    first, second = header.signals
    assert first == SignalLine(
        file="100.dat", form=212, gain=200, baseline=1024, first_value=995, checksum=-22131, name="MLII"
    )
    assert (second.name, second.checksum) == ("V5", 20052)
    variants = (
        REAL.replace("\n", "\r\n"),
        "\n" + REAL + "\n",
        REAL.replace("360", "360.0/360(0)"),
        REAL.replace("650000", "650000 12:30:00 01/02/1980"),
        REAL.replace(" 200 ", " 200.0(1024)/mV "),
        REAL.replace(" ", "\t"),
    )
    for text in variants:
        assert parse_header(PATH, text.encode()).signals == header.signals


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # Lines of PTB-XL, INCART, the 2017 challenge and Sleep Heart Health, and the shortest possible one.
        ("a.dat 16 1000.0(0)/mV 16 0 -119 1508 0 I", {"form": 16, "gain": 1000, "name": "I"}),
        ("a.dat 16 306/mV 16 0 -30 -32425 0 II", {"gain": 306, "checksum": -32425}),
        ("A1.mat 16+24 1000/mV 16 0 -127 0 0 ECG", {"file": "A1.mat", "offset": 24}),
        ("a.dat 80x4:3+2 -1.5e-2(-7)/uV 8", {"per_frame": 4, "skew": 3, "gain": -0.015, "baseline": -7}),
        ("a.dat 16 0(5)/mmHg 12 3 0 0 0 ABP wedge  2", {"gain": 200, "baseline": 5, "name": "ABP wedge  2"}),
        ("~ 0 200/mV 0 0 0 0 0 V", {"file": None, "form": 0}),
        ("a.dat 16", {"gain": 200, "baseline": 0, "units": "mV", "checksum": None, "name": "signal 0"}),
    ],
)
def test_the_line_of_a_signal_is_parsed(line: str, expected: dict[str, object]) -> None:
    (signal,) = parse_header(PATH, f"100 1 250 10\n{line}".encode()).signals
    assert {name: getattr(signal, name) for name in expected} == expected


def test_what_a_record_line_leaves_out_is_unknown_or_default() -> None:
    header = parse_header(PATH, b"100 1\n100.dat 16")
    assert (header.rate, header.n_frames) == (250, None)
    assert parse_header(PATH, b"100 1 128 0\n100.dat 16").n_frames is None


@pytest.mark.parametrize(
    ("line", "rate", "n_frames"),
    [
        # The 2020 challenge, MIMIC (numerics and waves), a tape with a counter.
        ("A0001 12 500 7500 05-Feb-2020 11:39:16", 500, 7500),
        ("p01-2183-04-28n 12 0.0166666666667 1440 17:47:00.000 28/04/2183", 0.0166666666667, 1440),
        ("3000063_0001 12 62.4725 16", 62.4725, 16),
        ("tape 12 360/62.5(-3.5) 100", 360, 100),
    ],
)
def test_record_lines_of_other_databases_are_parsed(line: str, rate: float, n_frames: int) -> None:
    header = parse_header(PATH, "\n".join([line, *["a.dat 16"] * 12]).encode())
    assert (header.rate, header.n_frames, len(header.signals)) == (rate, n_frames, 12)


def test_segments_are_parsed() -> None:
    header = parse_header(PATH, b"100/3 2 360 900\n100_layout 0\n100_1 500\n~ 400\n")
    assert header.segments == (Segment("100_layout", 0), Segment("100_1", 500), Segment(None, 400))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (REAL, "", r"must be a WFDB header.*'100 2 360 650000'; got ''\. Restore"),
        (REAL, "<html>Not found</html>", r"must be a WFDB header"),
        (REAL, "\0\xff\x1c\x85" * 9000, r"must be a WFDB header"),
        ("100 2", "100 -2", r"must be a WFDB header"),
        ("100 2", "100 " + "9" * 100_000, r"must be a WFDB header.*got '100 9{56}'\."),
        ("650000", "9" * 100_000, r"must be a WFDB header"),
        ("650000", "6.5e5", r"must be a WFDB header"),
        ("650000", "\u0666".encode().decode("latin-1"), r"must be a WFDB header"),
        ("650000", "999999999999", r"must describe signals of at most 268,435,456 samples; got 999,999,999,999"),
        ("212 200", "212x999 200", r"must describe signals of at most 268,435,456 samples; got 650,000 frames"),
        ("360", "1e9", r"must be a WFDB header"),
        ("360", "nan", r"must be a WFDB header"),
        ("360", "0", r"must be a WFDB header"),
        ("360", "9" * 100_000, r"must be a WFDB header"),
        ("100 2", "100 3", r"must have one line for each of its 3 signals, and at least one; got 2\. Restore"),
        ("100 2", "100 1", r"must have one line for each of its 1 signals, and at least one; got 2"),
        ("100 2", "100 0", r"must have one line for each of its 0 signals, and at least one; got 2"),
        ("100 2", "100/9 2", r"must have one line for each of its 9 segments, and at least one; got 2"),
        (REAL, "100 0 360 0", r"must have one line for each of its 0 signals, and at least one; got 0"),
        ("-22131", "x", r"must give file and format .* in this order; got '100\.dat 212 200 11 1024 995 x 0"),
        ("-22131", "9" * 100_000, r"must give file and format"),
        ("200", "2OO", r"must give file and format"),
        ("212 200", "2.2 200", r"must give file and format"),
        (" 212 200 11 1024 995 -22131 0 MLII", "", r"must give file and format of each signal.*got '100\.dat'"),
        ("100.dat 212 200 11 1024 9", "../100.dat 212 200 11 1024 9", r"must name signal files in its own folder; got '\.\./"),
        ("100.dat", "/dev/zero", r"must name signal files in its own folder; got '/dev/zero'\. Copy"),
        ("100.dat", "sub/100.dat", r"must name signal files"),
        ("100.dat", "sub\\100.dat", r"must name signal files"),
        ("100.dat", "C:100.dat", r"must name signal files"),
        ("100.dat", "..", r"must name signal files"),
        ("100.dat", "~/100.dat", r"must name signal files"),
        ("100.dat", "-", r"must name signal files"),
        ("100.dat", "http://example.org/100.dat", r"must name signal files"),
        (" 212 ", " 213 ", r"must describe signals in one of the formats 8, 16, 24, .*, 524; got 213"),
        ("100 2 360 650000\n100.dat", "100/2 2 360 650000\n../100 9\n100", r"must give the record name, in the same folder"),
    ],
    ids=lambda value: value[:20],
)  # fmt: skip
def test_another_header_is_refused(old: str, new: str, message: str) -> None:
    assert old in REAL
    text = REAL.replace(old, new)
    if new.startswith("100/2"):
        text = "\n".join(text.split("\n")[:3])
    with pytest.raises(InvalidSequenceError, match=r"^mitdb.100\.hea .*" + message):
        parse_header(PATH, text.encode("latin-1"))
