from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest

from seqclf.datasets import AAMI_CLASSES, read_heartbeat_csv
from seqclf.exceptions import InvalidSequenceError, SeqclfWarning


def write(path: Path, rows: list[list[float]], labels: list[float], width: int = 187) -> Path:
    lines = [
        ",".join(f"{value:.18e}" for value in [*row, *[0.0] * (width - len(row)), label])
        for row, label in zip(rows, labels, strict=True)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_rows_become_beats_without_their_padding(tmp_path: Path) -> None:
    rows = [[1.0, 0.0, 0.25], [0.5, 0.0, 0.0, 1.0], [1.0] * 187, [1.0], [0.75, 1.0]]
    beats = read_heartbeat_csv(write(tmp_path / "beats.csv", rows, [0, 1, 2, 3, 4]))
    assert beats.target.tolist() == ["N", "S", "V", "F", "Q"]
    assert beats.sequences.lengths.tolist() == [3, 4, 187, 1, 2]
    assert beats.sequences[0].flatten().tolist() == [1.0, 0.0, 0.25]
    assert beats.sequences[1].flatten().tolist() == [0.5, 0.0, 0.0, 1.0]
    assert beats.record is None


def test_return_x_y_gives_sequences_and_classes(tmp_path: Path) -> None:
    X, y = read_heartbeat_csv(str(write(tmp_path / "beats.csv", [[1.0], [0.5]], [4, 2])), return_X_y=True)
    assert X.lengths.tolist() == [1, 1]
    assert y.tolist() == ["Q", "V"]


def test_a_compressed_file_is_read(tmp_path: Path) -> None:
    plain = write(tmp_path / "beats.csv", [[1.0, 0.5]], [0])
    (tmp_path / "beats.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    assert read_heartbeat_csv(tmp_path / "beats.csv.gz").sequences.lengths.tolist() == [2]


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"must be an existing CSV file .*no\.csv\. Download the 'ECG"
    ):
        read_heartbeat_csv(tmp_path / "no.csv")


def test_an_empty_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "beats.csv").write_text("\n")
    with pytest.raises(
        InvalidSequenceError, match=r"beats\.csv must contain one row for each beat; it is empty"
    ):
        read_heartbeat_csv(tmp_path / "beats.csv")


def test_a_row_of_the_wrong_width_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "beats.csv", [[1.0], [0.5]], [4, 2])
    with path.open("a") as file:
        file.write("0.5,0.25\n")
    with pytest.raises(
        InvalidSequenceError, match=r"must have 188 columns.*got 2 in line 3\. Is the file complete"
    ):
        read_heartbeat_csv(path)


def test_a_table_of_the_wrong_width_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InvalidSequenceError, match=r"must have 188 columns.*got 187 in line 1"):
        read_heartbeat_csv(write(tmp_path / "beats.csv", [[1.0]], [4], width=186))


def test_a_header_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "beats.csv", [[1.0]], [4])
    path.write_text(",".join(f"c{i}" for i in range(188)) + "\n" + path.read_text())
    with pytest.raises(
        InvalidSequenceError, match=r"must be a number; got 'c0' in line 1, column 1\. The published"
    ):
        read_heartbeat_csv(path)


@pytest.mark.parametrize("label", [5, -1, 0.5, float("nan")])
def test_a_label_that_is_not_a_class_is_reported(tmp_path: Path, label: float) -> None:
    path = write(tmp_path / "beats.csv", [[1.0], [1.0]], [0, label])
    with pytest.raises(InvalidSequenceError, match=rf"must be a label, 0 to 4; got {label:g} in line 2"):
        read_heartbeat_csv(path)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_sample_that_is_not_finite_is_reported(tmp_path: Path, value: float) -> None:
    path = write(tmp_path / "beats.csv", [[1.0], [1.0, value, 0.5]], [0, 1])
    with pytest.raises(
        InvalidSequenceError,
        match=rf"beats\.csv: every sample must be finite; got {value} in line 2, column 2\. The",
    ):
        read_heartbeat_csv(path)


def test_lines_are_counted_with_empty_ones(tmp_path: Path) -> None:
    path = write(tmp_path / "beats.csv", [[1.0], [1.0], [1.0]], [0, 7, 1])
    path.write_text("\n\n" + path.read_text().replace("\n", "\n\n"))
    with pytest.raises(InvalidSequenceError, match=r"got 7 in line 5\."):
        read_heartbeat_csv(path)


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, bytes])
def test_a_compressed_file_is_recognised_by_its_content(
    tmp_path: Path, compress: Callable[[bytes], bytes]
) -> None:
    path = write(tmp_path / "beats.gz", [[1.0, 0.5]], [0])
    path.write_bytes(compress(path.read_bytes()))
    assert read_heartbeat_csv(path).sequences.lengths.tolist() == [2]


def test_a_byte_order_mark_of_utf_8_is_skipped(tmp_path: Path) -> None:
    path = write(tmp_path / "beats.csv", [[1.0, 0.5]], [0])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_heartbeat_csv(path).sequences.lengths.tolist() == [2]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_damage_to_a_compressed_file_is_reported(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "beats.csv"
    rng = np.random.default_rng(0)
    whole = compress(write(path, rng.uniform(size=(60, 187)).tolist(), [0] * 60).read_bytes())
    message = (
        r"beats\.csv must be a complete compressed file; it is truncated or damaged after line \d+: .*\. Down"
    )
    for length in (7, 20, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(InvalidSequenceError, match=message):
            read_heartbeat_csv(path)
    for byte in rng.integers(6, len(whole), 40):
        path.write_bytes(whole[:byte] + bytes([whole[byte] ^ 16]) + whole[byte + 1 :])
        # A changed time or file name in the head of a gzip file changes no number.
        with contextlib.suppress(InvalidSequenceError):
            assert len(read_heartbeat_csv(path)) == 60
            assert byte < 12
    path.write_bytes(whole + b"rubbish")
    if compress is not bz2.compress and compress is not lzma.compress:  # which ignore what follows
        with pytest.raises(InvalidSequenceError, match=message):
            read_heartbeat_csv(path)


def test_a_zip_archive_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "beats.csv", [[1.0]], [0])
    with ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.write(path)
    with pytest.raises(
        InvalidSequenceError, match=r"archive\.zip must be a CSV file; got a ZIP archive\. Extract it"
    ):
        read_heartbeat_csv(tmp_path / "archive.zip")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("compress", [gzip.compress, bytes])
def test_text_that_is_not_utf_8_is_reported(
    tmp_path: Path, encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    path = write(tmp_path / "beats.csv", [[1.0], [0.5]], [0, 1])
    path.write_bytes(compress(path.read_text().encode(encoding)))
    with pytest.raises(
        InvalidSequenceError, match=r"line 1 must be text in UTF-8; got a NUL byte\. If .* UTF-16, save"
    ):
        read_heartbeat_csv(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"0.000", b"\0\0\0\0\0", r"line 1 must be text in UTF-8; got a NUL byte"),
        (b"2.000", b"2.0\0\0", r"line 2 must be text in UTF-8; got a NUL byte"),
        (b"2.000", b"2.0\xff0", r"must be a number; got '2\.0.*xff0.*' in line 2, column 188"),
        (b"2.000", b"2_000", r"must be a number; got '2_000.*' in line 2, column 188"),
        (b"2.000", "٢".encode(), r"must be a number; got '٢.*' in line 2, column 188"),
        (b"2.000000000000000000e+00", b"", r"must be a number; got '.*' in line 2, column 188"),
        (b",", b";", r"must have 188 columns.*got 1 in line 1"),
        (b"\n", b"\n   \n", r"must have 188 columns.*got 1 in line 2"),
        (b"2.000", b"x" * 100_000, r"must be a number; got 'x{40}' in line 2, column 188"),
    ],
)
def test_a_damaged_line_is_named(tmp_path: Path, old: bytes, new: bytes, message: str) -> None:
    path = write(tmp_path / "beats.csv", [[1.0], [0.5]], [1, 2])
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, new))
    with pytest.raises(InvalidSequenceError, match=r"beats\.csv: .*" + message):
        read_heartbeat_csv(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither FIFOs nor devices")
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_not_a_regular_file_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "beats.csv")
    with pytest.raises(
        ValueError, match=r"`path` must be a regular file; got .*beats\.csv, a folder, FIFO or device"
    ):
        read_heartbeat_csv(tmp_path / "beats.csv")


def test_an_option_of_another_type_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "beats.csv", [[1.0]], [0])
    with pytest.raises(TypeError, match="`return_X_y` must be True or False; got 'no'"):
        read_heartbeat_csv(path, return_X_y="no")  # type: ignore[call-overload]


def test_names_of_other_classes(tmp_path: Path) -> None:
    path = write(tmp_path / "ptb.csv", [[1.0], [0.5, 0.2], [0.5]], [0, 1, 1])
    beats = read_heartbeat_csv(path, target_names=["normal", "abnormal"])
    assert beats.target.tolist() == ["normal", "abnormal", "abnormal"]
    assert beats.target_names == ("normal", "abnormal")
    assert repr(beats) == "Heartbeats(3 beats: normal 1, abnormal 2)"
    with pytest.raises(InvalidSequenceError, match=r"a label, 0 to 0; got 1 in line 2.*as `target_names`"):
        read_heartbeat_csv(path, target_names=["normal"])


@pytest.mark.parametrize("labels", [[0, 1, 1], [1, 1, 1]])
def test_labels_that_may_be_of_other_classes_are_reported(tmp_path: Path, labels: list[float]) -> None:
    path = write(tmp_path / "ptb.csv", [[1.0], [0.5], [0.2]], labels)
    with pytest.warns(
        SeqclfWarning, match=r"1 is read as 'S'.*`target_names=\('normal', 'abnormal'\)`"
    ) as found:
        read_heartbeat_csv(path)
    assert [one.filename for one in found] == [__file__]
    assert read_heartbeat_csv(path, target_names=AAMI_CLASSES).target[1] == "S"


def test_normal_beats_alone_are_not_reported(tmp_path: Path) -> None:
    assert read_heartbeat_csv(write(tmp_path / "n.csv", [[1.0], [0.5]], [0, 0])).target.tolist() == ["N", "N"]


@pytest.mark.parametrize(
    ("names", "kind", "message"),
    [
        ("NSVFQ", TypeError, r"`target_names` must be a sequence of strings; got 'NSVFQ'"),
        (["N", 1], TypeError, r"must be strings; got target_names\[1\]=1\. Pass one name per class"),
        (["N", "N"], ValueError, r"must differ; got \('N', 'N'\)\. Give each class its own name"),
    ],
)
def test_names_that_are_not_names_are_reported(
    tmp_path: Path, names: Any, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        read_heartbeat_csv(tmp_path / "any.csv", target_names=names)


def test_rows_of_zeros_are_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "beats.csv", [[1.0], [], [0.5], *[[]] * 3], [4] * 6)
    with pytest.warns(
        SeqclfWarning, match=r"4 rows hold only zeros \(line 2, 4, 5, \.\.\.\); each is read as one step"
    ):
        assert read_heartbeat_csv(path).sequences.lengths.tolist() == [1] * 6
    path = write(tmp_path / "one.csv", [[1.0], []], [4, 4])
    with pytest.warns(SeqclfWarning, match=r"1 row holds only zeros \(line 2\); each is read as one step"):
        read_heartbeat_csv(path)
