"""Small records in the format of the database."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqclf.datasets import _mitbih
from wfdb_files import checksum, pack, pack_annotations

WriteRecord = Callable[..., Path]


@pytest.fixture
def wfdb() -> Iterator[Any]:
    """Return the package wfdb, whose functions may warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # wfdb 4.3 uses functions that pandas 3.1 deprecates
        yield pytest.importorskip("wfdb", reason="wfdb is not installed")


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the checksums of the files that `write_record` wrote, which `load_mitbih` takes for the database."""
    checksums: dict[str, str] = {}
    monkeypatch.setattr(_mitbih, "published_checksums", lambda: checksums)
    return checksums


@pytest.fixture
def write_record(tmp_path: Path, published: dict[str, str]) -> WriteRecord:
    """Return a function that writes a record: beats one second apart, alternately N and V, leads MLII and V1."""

    def write(
        number: int = 100,
        *,
        leads: tuple[str, ...] = ("MLII", "V1"),
        peaks: tuple[int, ...] = tuple(range(360, 7000, 360)),
        n_samples: int = 7200,
    ) -> Path:
        time = np.arange(n_samples)
        signal = np.zeros((n_samples, len(leads)), dtype=np.int64)
        for peak in peaks:
            signal += np.rint(300 * np.exp(-(((time - peak) / 8.0) ** 2))).astype(np.int64)[:, None]
        signal += np.rint(20 * np.sin(time / 90.0)).astype(np.int64)[:, None] + 7 * np.arange(len(leads))
        lines = [f"{number} {len(leads)} 360 {n_samples}"]
        for lead, samples in zip(leads, signal.T, strict=True):
            lines.append(f"{number}.dat 212 200 11 1024 {samples[0]} {checksum(samples)} 0 {lead}")
        symbols = ["N", "V"] * len(peaks)
        annotations = [
            (min((18, *peaks)), "+", b"(N"),
            *((p, s, b"") for p, s in zip(peaks, symbols, strict=False)),
        ]
        files = {
            f"{number}.hea": ("\r\n".join([*lines, "# 69 M 1085 1629 x1"]) + "\r\n").encode(),
            f"{number}.dat": pack(212, signal.ravel()),
            f"{number}.atr": pack_annotations(annotations),
        }
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
            published[name] = hashlib.sha256(content).hexdigest()
        return tmp_path

    return write
