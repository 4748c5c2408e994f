from __future__ import annotations

import hashlib
from pathlib import Path

from seqclf.datasets import MITBIH_RECORDS
from seqclf.datasets._checksums import published_checksums


def test_every_file_of_the_database_has_a_checksum() -> None:
    checksums = published_checksums()
    assert set(checksums) == {f"{n}{suffix}" for n in MITBIH_RECORDS for suffix in (".hea", ".dat", ".atr")}
    assert {len(digest) for digest in checksums.values()} == {64}


def test_the_real_files_have_these_checksums(mitdb: Path) -> None:
    expected = published_checksums()
    for name in ("100.hea", "208.dat", "234.atr"):
        assert hashlib.sha256((mitdb / name).read_bytes()).hexdigest() == expected[name]
