from __future__ import annotations

from pathlib import Path

import pytest

from seqclf.datasets._header import Header, parse_header
from seqclf.exceptions import InvalidSequenceError

PATH = Path("mitdb", "100.hea")
REAL = """100 2 360 650000
100.dat 212 200 11 1024 995 -22131 0 MLII
100.dat 212 200 11 1024 1011 20052 0 V5
# 69 M 1085 1629 x1
# Aldomet, Inderal
"""


def test_a_header_is_parsed() -> None:
    expected = Header(n_samples=650000, leads=("MLII", "V5"), checksums=(-22131, 20052))
    assert parse_header(PATH, REAL.encode()) == expected
    variants = (
        REAL.replace("\n", "\r\n"),
        "\n# first\n" + REAL + "\n",
        REAL.replace("360", "360.0/360(0)"),
        REAL.replace("650000", "650000 12:30:00 01/02/1980"),
        REAL.replace(" 200 ", " 200.0(0)/mV "),
    )
    for text in variants:
        assert parse_header(PATH, text.encode()) == expected


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (REAL, "", r"must be a WFDB header.*'100 2 360 650000'; got ''\. Delete it"),
        (REAL, "<html>Not found</html>", r"must be a WFDB header"),
        (REAL, "\0\xff\x1c\x85" * 9000, r"must be a WFDB header"),
        ("100 2 360 650000", "100 2 360", r"must be a WFDB header"),
        ("100 2 360 650000", "100 2", r"must be a WFDB header"),
        ("100 2", "100 -2", r"must be a WFDB header"),
        ("100 2", "100 " + "9" * 100_000, r"must be a WFDB header.*got '100 9{56}'\."),
        ("650000", "9" * 100_000, r"must be a WFDB header"),
        ("650000", "6.5e5", r"must be a WFDB header"),
        ("650000", "\u0666".encode().decode("latin-1"), r"must be a WFDB header"),
        ("100 2 360", "100/3 2 360", r"must describe a record of one segment; got several, '100/3'"),
        ("360", "1e9", r"must have the sampling rate 360 Hz of the .*; got '1e9'\. Resample the signal"),
        ("360", "250", r"sampling rate 360 Hz of the MIT-BIH database; got '250'\."),
        ("360", "nan", r"sampling rate 360 Hz"),
        ("360", "fast", r"sampling rate 360 Hz"),
        ("360", "0", r"sampling rate 360 Hz"),
        ("360", "9" * 100_000, r"sampling rate 360 Hz .*; got '9{40}'\."),
        ("100 2", "100 3", r"must have one line for each of its 3 signals; got 2\. Delete it"),
        ("100 2", "100 1", r"must have one line for each of its 1 signals; got 2"),
        ("100 2", "100 0", r"must have one line for each of its 0 signals; got 2"),
        ("100.dat 212 200 11 1024 995 -22131 0 MLII\n", "", r"each of its 2 signals; got 1"),
        (
            " 0 MLII",
            "",
            r"must give file, format, .* of each signal; got '100\.dat 212 200 11 1024 995 -22131'",
        ),
        ("-22131", "x", r"must give file, format,"),
        ("-22131", "9" * 100_000, r"must give file, format,"),
        (
            "100.dat 212 200 11 1024 9",
            "../100.dat 212 200 11 1024 9",
            r"must name the signal file 100\.dat, in the",
        ),
        ("100.dat", "/dev/zero", r"must name the signal file 100\.dat, in the same folder; got '/dev/zero'"),
        ("100.dat", "sub/100.dat", r"must name the signal file"),
        ("100.dat", "101.dat", r"must name the signal file"),
        ("100.dat", "~", r"must name the signal file"),
        ("100.dat", "-", r"must name the signal file"),
        ("100.dat", "http://example.org/100.dat", r"must name the signal file"),
        (" 212 ", " 16 ", r"must describe signals in format 212; got '16'"),
        (" 212 ", " 212x1000000000 ", r"must describe signals in format 212; got '212x1000000000'"),
    ],
    ids=lambda value: value[:20],
)
def test_another_header_is_refused(old: str, new: str, message: str) -> None:
    assert old in REAL
    with pytest.raises(InvalidSequenceError, match=r"^mitdb.100\.hea .*" + message):
        parse_header(PATH, REAL.replace(old, new).encode("latin-1"))
