"""Header file of a record -> its rate and length, and its signals or segments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from seqclf.datasets.records._record_files import RESTORE
from seqclf.datasets.records._signal_line import FILE_NAME, SignalLine, parse_signal_line
from seqclf.exceptions import InvalidSequenceError

_DEFAULT_RATE: Final = 250.0  # Hz, of a header that gives none
# Of a signal: 8 days at 360 Hz. Bounds the memory that a gap, which has no file, can take.
_MAX_SAMPLES: Final = 1 << 28
_RECORD_LINE: Final = re.compile(
    r"""(?P<name>[^\s/]+)(?:/(?P<n_segments>\d{1,6}))?
    \s+(?P<n_signals>\d{1,4})
    (?:\s+(?P<rate>\d{1,9}\.?\d{0,20})(?:/[\d.()-]+)?  # the rate of a counter, such as a tape's, may follow
    (?:\s+(?P<n_frames>\d{1,12})
    (?:\s.*)?)?)?""",  # time and date, in one of several forms
    re.VERBOSE | re.ASCII,
)
_SEGMENT_LINE: Final = re.compile(r"(\S+)\s+(\d{1,12})", re.ASCII)
_GAP: Final = "~"


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a record, which is itself a record of the folder."""

    name: str | None  # None: a gap
    n_frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Signals of a record, or its segments."""

    path: Path
    rate: float  # Hz
    n_frames: int | None  # None: as many as the signal file has
    signals: tuple[SignalLine, ...] = ()
    segments: tuple[Segment, ...] = ()
    comments: tuple[str, ...]


def parse_header(path: Path, content: bytes) -> Header:
    """Return the content of a header."""
    # Any byte is a Latin-1 character; digits are checked as ASCII.
    lines = [line.strip() for line in content.decode("latin-1").split("\n")]
    comments = tuple(line.strip("# \t") for line in lines if line.startswith("#"))
    first, *lines = [line for line in lines if line and not line.startswith("#")] or [""]
    match = _RECORD_LINE.fullmatch(first)
    rate = float(match["rate"] or _DEFAULT_RATE) if match else 0.0
    if match is None or not rate:
        raise InvalidSequenceError(
            f"{path} must be a WFDB header, which begins with the record, its number of signals, sampling rate and "
            f"number of samples, as in '{path.stem} 2 360 650000'; got {first[:60]!r}. {RESTORE}"
        )
    n_lines, kind = (
        int(match["n_segments"] or match["n_signals"]),
        "segments" if match["n_segments"] else "signals",
    )
    if len(lines) != n_lines or not lines:
        raise InvalidSequenceError(
            f"{path} must have one line for each of its {n_lines} {kind}, and at least one; got {len(lines)}. {RESTORE}"
        )
    header = Header(
        path=path,
        rate=rate,
        n_frames=int(match["n_frames"] or 0) or None,
        signals=()
        if match["n_segments"]
        else tuple(parse_signal_line(path, line, i) for i, line in enumerate(lines)),
        segments=tuple(_parse_segment(path, line) for line in lines) if match["n_segments"] else (),
        comments=comments,
    )
    n_frames = max(header.n_frames or 0, sum(segment.n_frames for segment in header.segments))
    if n_frames * max((signal.per_frame for signal in header.signals), default=1) > _MAX_SAMPLES:
        raise InvalidSequenceError(
            f"{path} must describe signals of at most {_MAX_SAMPLES:,} samples; got {n_frames:,} frames. Split the record."
        )
    return header


def _parse_segment(path: Path, line: str) -> Segment:
    match = _SEGMENT_LINE.fullmatch(line)
    if match is None or not (match[1] == _GAP or FILE_NAME.fullmatch(match[1])):
        raise InvalidSequenceError(
            f"{path} must give the record name, in the same folder, and the number of samples of each segment; got "
            f"{line[:60]!r}. {RESTORE}"
        )
    return Segment(name=None if match[1] == _GAP else match[1], n_frames=int(match[2]))
