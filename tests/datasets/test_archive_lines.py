"""What is the same for the files of all formats: tests with `.tsv`, which has no header."""

from __future__ import annotations

import gzip
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqclf.datasets import read_arff, read_ts, read_tsv
from seqclf.exceptions import InvalidSequenceError

READERS = [read_ts, read_arff, read_tsv]
TSV = b"a\t1\t2\nb\t3\t4\n"


@pytest.mark.parametrize(
    "content",
    [
        TSV,
        b"\xef\xbb\xbf" + TSV,
        TSV.replace(b"\n", b"\r\n"),
        TSV.rstrip(),
        b"\n \n" + TSV.replace(b"\n", b"\n\n\t\n"),
        TSV.replace(b"\n", b"  \n"),
    ],
    ids=["plain", "byte-order mark", "CRLF", "no last end of line", "empty lines", "spaces at the end"],
)
def test_the_form_of_lines_does_not_matter(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "made.tsv"
    path.write_bytes(content)
    X, y = read_tsv(str(path))
    assert X.values.flatten().tolist() == [1, 2, 3, 4]
    assert y.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            TSV.decode().encode("utf-16"),
            "line 1: a line must be text in UTF-8; got a NUL byte. If the file is in UTF-16",
        ),
        (TSV.decode().encode("utf-16-le"), "line 1: a line must be text in UTF-8; got a NUL byte"),
        (b"a\t1\t2\nb\t\0\t4\n", "line 2: a line must be text in UTF-8; got a NUL byte"),
        (b"a\t1\t2\n\xe4\t3\t4\n", "line 2: a line must be text in UTF-8; got byte 0xe4 at position 1. Save"),
        (b"", " must contain at least one series; got none. Is the file complete?"),
        (b"\n\n", " must contain at least one series; got none"),
    ],
)
def test_text_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "made.tsv"
    path.write_bytes(content)
    with pytest.raises(InvalidSequenceError, match=re.escape(f"{path}") + ",? ?" + re.escape(message)):
        read_tsv(path)


@pytest.mark.parametrize("read", READERS)
def test_a_compressed_file_is_refused(tmp_path: Path, read: Callable[..., Any]) -> None:
    path = tmp_path / "made.tsv"
    path.write_bytes(gzip.compress(TSV, mtime=0))
    with pytest.raises(InvalidSequenceError, match=r"line 1: a line must be text in UTF-8; .* extract it"):
        read(path)


@pytest.mark.parametrize("read", READERS)
def test_a_missing_file_is_reported(tmp_path: Path, read: Callable[..., Any]) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"`path` must be an existing file; got .*no\.ts\. Is the folder right"
    ):
        read(tmp_path / "no.ts")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither FIFOs nor devices")
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero")])
@pytest.mark.parametrize("read", READERS)
def test_what_is_not_a_regular_file_is_refused(
    tmp_path: Path, read: Callable[..., Any], make: Callable[[Path], None]
) -> None:
    make(tmp_path / "made.ts")
    with pytest.raises(
        ValueError, match=r"`path` must be a regular file; got .*made\.ts, a folder, FIFO or device"
    ):
        read(tmp_path / "made.ts")


@pytest.mark.parametrize("read", READERS)
def test_an_unknown_way_with_missing_values_is_refused(tmp_path: Path, read: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match=r"`missing` must be one of \['error', 'keep'\]; got 'drop'"):
        read(tmp_path / "made.ts", missing="drop")
