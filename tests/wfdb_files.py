"""Writes WFDB records, sample by sample, as the specification says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

CODE = {"N": 1, "V": 5, '"': 22, "+": 28}


def pack(form: int, samples: Iterable[int]) -> bytes:
    """Return the bytes of samples in a format."""
    values = [int(sample) for sample in samples]
    if form == 8:
        return b"".join(int(d).to_bytes(1, "little", signed=True) for d in np.diff(values, prepend=0))
    if form in (80, 160):
        size = form // 80
        return b"".join((value + (1 << (8 * size - 1))).to_bytes(size, "little") for value in values)
    if form in (16, 24, 32, 61):
        order = "big" if form == 61 else "little"
        size = 2 if form == 61 else form // 8
        return b"".join(value.to_bytes(size, order, signed=True) for value in values)  # type: ignore[arg-type]
    group, words = (2, _words_212) if form == 212 else (3, _words_310 if form == 310 else _words_311)
    content = b""
    for start in range(0, len(values), group):
        some = values[start : start + group]
        whole = words(*some, *[0] * (group - len(some)))
        n_bytes = {212: (2, 3), 310: (2, 4, 4), 311: (2, 3, 4)}[form][len(some) - 1]
        content += whole[:n_bytes]
    return content


def _words_212(first: int, second: int) -> bytes:
    return bytes([first & 0xFF, first >> 8 & 0xF | (second >> 8 & 0xF) << 4, second & 0xFF])


def _words_310(first: int, second: int, third: int) -> bytes:
    low = (first & 0x3FF) << 1 | (third & 0x1F) << 11
    high = (second & 0x3FF) << 1 | (third >> 5 & 0x1F) << 11
    return low.to_bytes(2, "little") + high.to_bytes(2, "little")


def _words_311(first: int, second: int, third: int) -> bytes:
    return (first & 0x3FF | (second & 0x3FF) << 10 | (third & 0x3FF) << 20).to_bytes(4, "little")


def checksum(samples: Sequence[int] | np.ndarray) -> int:
    """Return the sum of samples as a signed 16-bit number."""
    return (int(np.sum(samples, dtype=np.int64)) + 2**15) % 2**16 - 2**15


def write_record(
    folder: Path,
    name: str,
    signal: np.ndarray,
    *,
    form: int = 16,
    rate: str = "250",
    gain: str = "200/mV",
    channels: Sequence[str] = ("I", "II", "III"),
) -> None:
    """Write a record with the columns of `signal` in one file."""
    lines = [f"{name} {signal.shape[1]} {rate} {len(signal)}"]
    for channel, column in zip(channels, signal.T, strict=False):
        lines.append(f"{name}.dat {form} {gain} 12 0 {column[0]} {checksum(column)} 0 {channel}")
    (folder / f"{name}.hea").write_text("\n".join([*lines, "# a comment"]))
    (folder / f"{name}.dat").write_bytes(pack(form, signal.ravel()))


def pack_annotations(annotations: Iterable[tuple[int, str, bytes]]) -> bytes:
    """Return the annotations (time, symbol, note) as 16-bit words, ended by a zero word."""
    content, before = b"", 0
    for time, symbol, note in annotations:
        distance = time - before
        if not 0 <= distance < 1024:  # SKIP, upper half of the distance, lower half
            content += word(59, 0) + (distance >> 16 & 0xFFFF).to_bytes(2, "little")
            content += (distance & 0xFFFF).to_bytes(2, "little")
            distance = 0
        content += word(CODE[symbol], distance)
        if note:
            content += word(63, len(note)) + note + bytes(len(note) % 2)
        before = time
    return content + bytes(2)


def word(code: int, value: int) -> bytes:
    return (code << 10 | value).to_bytes(2, "little")
