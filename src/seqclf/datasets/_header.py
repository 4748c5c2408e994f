"""Header file of a record -> number of samples, leads and checksums."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from seqclf.datasets._record_file import DOWNLOAD_AGAIN
from seqclf.exceptions import InvalidSequenceError

FREQUENCY: Final = 360  # Hz, of every record of the database
_N_FIELDS = 9  # file, format, gain, resolution, zero, first value, checksum, block size, lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Signals of a record; tuples have one entry for each."""

    n_samples: int  # of each signal
    leads: tuple[str, ...]
    checksums: tuple[int, ...]  # sum of the samples, modulo 65536


def parse_header(path: Path, content: bytes) -> Header:
    """Return the header of a record in the form of the database: one segment, one signal file in format 212."""
    # Any byte is a Latin-1 character; digits are checked as ASCII.
    lines = [line.strip() for line in content.decode("latin-1").split("\n")]
    lines = [line for line in lines if line and not line.startswith("#")]
    n_signals, n_samples = _parse_record_line(path, lines[0] if lines else "")
    if len(lines) - 1 != n_signals:
        raise InvalidSequenceError(
            f"{path} must have one line for each of its {n_signals} signals; got {len(lines) - 1}. {DOWNLOAD_AGAIN}"
        )
    signals = [_parse_signal_line(path, line) for line in lines[1:]]
    return Header(
        n_samples=n_samples,
        leads=tuple(lead for lead, _ in signals),
        checksums=tuple(checksum for _, checksum in signals),
    )


def _parse_record_line(path: Path, line: str) -> tuple[int, int]:
    """Return the numbers of signals and of samples; refuse several segments and another sampling rate."""
    name, n_signals, rate, n_samples, *_ = [*line.split(), "", "", "", ""]
    if "/" in name:
        raise InvalidSequenceError(
            f"{path} must describe a record of one segment; got several, {name[:40]!r}. {DOWNLOAD_AGAIN}"
        )
    if not (_is_count(n_signals, digits=2) and _is_count(n_samples, digits=9) and rate):
        raise InvalidSequenceError(
            f"{path} must be a WFDB header, which begins with the record, its number of signals, sampling rate and "
            f"number of samples, as in '{path.stem} 2 {FREQUENCY} 650000'; got {line[:60]!r}. {DOWNLOAD_AGAIN}"
        )
    if _as_number(rate) != FREQUENCY:
        raise InvalidSequenceError(
            f"{path} must have the sampling rate {FREQUENCY} Hz of the MIT-BIH database; got {rate[:40]!r}. Resample the "
            f"signal and its annotations to {FREQUENCY} Hz, or restore the file: delete it and load again with "
            "`download=True`."
        )
    return int(n_signals), int(n_samples)


def _parse_signal_line(path: Path, line: str) -> tuple[str, int]:
    """Return the lead and the checksum of a signal."""
    fields = line.split(maxsplit=_N_FIELDS - 1)
    if len(fields) < _N_FIELDS or not _is_count(fields[6].removeprefix("-"), digits=5):
        raise InvalidSequenceError(
            f"{path} must give file, format, gain, resolution, zero, first value, checksum, block size and lead of each "
            f"signal; got {line[:60]!r}. {DOWNLOAD_AGAIN}"
        )
    file, form, *_ = fields
    if file != f"{path.stem}.dat":
        raise InvalidSequenceError(
            f"{path} must name the signal file {path.stem}.dat, in the same folder; got {file[:60]!r}. {DOWNLOAD_AGAIN}"
        )
    if form != "212":
        raise InvalidSequenceError(
            f"{path} must describe signals in format 212; got {form[:40]!r}. {DOWNLOAD_AGAIN}"
        )
    return fields[8], int(fields[6])


def _is_count(text: str, *, digits: int) -> bool:
    return re.fullmatch(rf"[0-9]{{1,{digits}}}", text) is not None


def _as_number(rate: str) -> float | None:
    """Return a sampling rate, which may be followed by a counter rate, as in `360/90`."""
    try:
        return float(rate.split("/")[0])
    except ValueError:
        return None
