from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seqclf.datasets.records import RecordFiles
from seqclf.datasets.records._record_files import MAX_TEXT_BYTES
from seqclf.exceptions import InvalidSequenceError


def test_a_regular_file_and_a_link_inside_the_folder_are_read(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "abc").write_bytes(b"123")
    (tmp_path / "100.hea").symlink_to(Path("store", "abc"))
    assert RecordFiles(tmp_path).read("100.hea") == b"123"
    (tmp_path / "link").symlink_to(tmp_path)
    assert RecordFiles(tmp_path / "link").read("100.hea") == b"123"


def test_a_missing_file_and_a_link_to_nothing_are_reported(tmp_path: Path) -> None:
    (tmp_path / "101.dat").symlink_to("nowhere")
    (tmp_path / "102.dat").symlink_to("102.dat")
    for number in (100, 101, 102):
        with pytest.raises(
            FileNotFoundError, match=rf"{number}\.dat must exist; it is missing\. Correct the path"
        ):
            RecordFiles(tmp_path).read(f"{number}.dat")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither FIFOs nor devices")
@pytest.mark.parametrize(
    "make",
    [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero"), lambda path: path.symlink_to("..")],
)
def test_what_is_not_a_regular_file_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "100.atr")
    with pytest.raises(
        InvalidSequenceError, match=r"100\.atr must be a regular file; got a folder, FIFO or device"
    ):
        RecordFiles(tmp_path).read("100.atr")


def test_a_link_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mitdb").mkdir()
    (tmp_path / "secret").touch()
    (tmp_path / "mitdb" / "100.atr").symlink_to(tmp_path / "secret")
    with pytest.raises(
        InvalidSequenceError, match=r"100\.atr must be a file inside its folder; got a link to .*secret"
    ):
        RecordFiles(tmp_path / "mitdb").read("100.atr")


def test_a_file_of_a_terabyte_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "100.dat").open("wb") as file:
        file.truncate(1 << 40)  # without content, it takes no room
    with pytest.raises(InvalidSequenceError, match=rf"100\.dat must have at most {MAX_TEXT_BYTES:,} bytes"):
        RecordFiles(tmp_path).read("100.dat")
