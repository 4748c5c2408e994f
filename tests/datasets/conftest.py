"""Small records in the format of the database."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from seqclf.datasets import _mitbih

WriteRecord = Callable[..., Path]

CODE = {"N": 1, "V": 5, "+": 28}


@pytest.fixture
def mitdb() -> Path:
    """Return the folder of the real records; skip without it."""
    folder = os.environ.get("SEQCLF_MITDB")
    if not folder:
        pytest.skip("set SEQCLF_MITDB to the folder of the MIT-BIH records to run this test")
    return Path(folder)


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
            checksum = (int(samples.sum()) + 2**15) % 2**16 - 2**15
            lines.append(f"{number}.dat 212 200 11 1024 {samples[0]} {checksum} 0 {lead}")
        symbols = ["N", "V"] * len(peaks)
        annotations = [(18, "+", b"(N"), *((p, s, b"") for p, s in zip(peaks, symbols, strict=False))]
        files = {
            f"{number}.hea": ("\r\n".join([*lines, "# 69 M 1085 1629 x1"]) + "\r\n").encode(),
            f"{number}.dat": pack_212(signal.ravel()),
            f"{number}.atr": pack_annotations(annotations),
        }
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
            published[name] = hashlib.sha256(content).hexdigest()
        return tmp_path

    return write


def pack_212(samples: np.ndarray) -> bytes:
    """Pack pairs of 12-bit samples into three bytes."""
    first, second = (samples.reshape(-1, 2) & 0xFFF).T
    packed = np.column_stack([first & 0xFF, first >> 8 | (second >> 8) << 4, second & 0xFF])
    return packed.astype(np.uint8).tobytes()


def pack_annotations(annotations: list[tuple[int, str, bytes]]) -> bytes:
    """Return the annotations (sample, symbol, text) as 16-bit words, ended by a zero word."""
    content, before = b"", 0
    for sample, symbol, text in annotations:
        distance = sample - before
        if not 0 <= distance < 1024:  # SKIP, upper half of the distance, lower half
            content += word(59, 0) + (distance >> 16 & 0xFFFF).to_bytes(2, "little")
            content += (distance & 0xFFFF).to_bytes(2, "little")
            distance = 0
        content += word(CODE[symbol], distance)
        if text:
            content += word(63, len(text)) + text + bytes(len(text) % 2)
        before = sample
    return content + bytes(2)


def word(code: int, value: int) -> bytes:
    return (code << 10 | value).to_bytes(2, "little")
