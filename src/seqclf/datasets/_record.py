"""Read and verify one record of the MIT-BIH database."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqclf.datasets._annotations import read_beats
from seqclf.datasets._header import FREQUENCY, Header, parse_header
from seqclf.datasets._record_file import DOWNLOAD_AGAIN, read_record_file
from seqclf.exceptions import InvalidSequenceError

_WITHOUT_MLII = (102, 104)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Record:
    """One lead of a record, with its annotated beats."""

    number: int
    signal: NDArray[np.float64]  # (n_samples,), in ADC units
    frequency: int  # Hz
    peaks: NDArray[np.int64]  # (n_beats,), sample index of each R peak
    classes: NDArray[np.str_]  # (n_beats,), AAMI class of each beat
    modified: tuple[str, ...] = ()  # names of files that differ from those of the database


def read_record(folder: Path, number: int, lead: str, *, checksums: Mapping[str, str]) -> Record:
    """Read one lead and the beats of a record; raise if a file is missing or damaged.

    `checksums` has the SHA-256 of each file in the database. What is parsed is what was hashed: each file is read once.
    """
    names = [f"{number}{suffix}" for suffix in (".hea", ".dat", ".atr")]
    content = {name: read_record_file(folder, name) for name in names}
    header_name, signal_name, annotations_name = names
    header = parse_header(folder / header_name, content[header_name])
    channel = _channel_of(lead, header.leads, number)
    digital = _read_signal(folder / signal_name, content[signal_name], header, channel)
    peaks, classes = read_beats(folder / annotations_name, content[annotations_name], header.n_samples)
    return Record(
        number=number,
        # The resampling filter assumes zeros outside the record: centring avoids a jump at both ends.
        signal=digital - np.median(digital),
        frequency=FREQUENCY,
        peaks=peaks,
        classes=classes,
        modified=tuple(
            name for name in names if hashlib.sha256(content[name]).hexdigest() != checksums[name]
        ),
    )


def _channel_of(lead: str, names: tuple[str, ...], number: int) -> int:
    if lead in names:
        return names.index(lead)
    if lead == "MLII" and number in _WITHOUT_MLII:
        return 0
    raise ValueError(
        f"`lead` must be available in every record; got {lead!r}, but record {number} has "
        f"{' and '.join(names)}. Choose another lead, or restrict `records` to those that have it."
    )


def _read_signal(path: Path, content: bytes, header: Header, channel: int) -> NDArray[np.int16]:
    """Return the samples of one signal; raise if they do not match the header."""
    n_signals = len(header.leads)
    expected = (header.n_samples * n_signals * 3 + 1) // 2  # two samples in three bytes
    if len(content) != expected:
        raise InvalidSequenceError(
            f"{path} must have {expected} bytes ({n_signals} signals of {header.n_samples} samples, format 212); "
            f"got {len(content)}. The file is {'truncated' if len(content) < expected else 'too long'}. {DOWNLOAD_AGAIN}"
        )
    digital = unpack_212(content)[: header.n_samples * n_signals][channel::n_signals]
    expected, actual = header.checksums[channel] % 65536, int(digital.sum(dtype=np.int64)) % 65536
    if actual != expected:
        raise InvalidSequenceError(
            f"{path}, lead {header.leads[channel]}, must have the checksum {expected} given in its header; "
            f"got {actual}. The file is damaged. {DOWNLOAD_AGAIN}"
        )
    return digital


def unpack_212(content: bytes) -> NDArray[np.int16]:
    """Return the 12-bit samples of format 212: two in three bytes, with the upper bits of both in the second byte."""
    padded = content + bytes(-len(content) % 3)
    low, upper, high = np.frombuffer(padded, dtype=np.uint8).reshape(-1, 3).T.astype(np.int16)
    samples = np.empty(2 * len(low), dtype=np.int16)
    samples[0::2] = low | (upper & 0x0F) << 8
    samples[1::2] = high | (upper & 0xF0) << 4
    samples ^= 0x800  # with the next line: extends the sign
    samples -= 0x800
    return samples
