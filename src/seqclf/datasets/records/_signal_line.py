"""Line of a header that describes one signal -> `SignalLine`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from seqclf.datasets.records._formats import FORMATS
from seqclf.datasets.records._record_files import RESTORE
from seqclf.exceptions import InvalidSequenceError

# A name that cannot leave the folder: no separator, no drive, not `..`.
FILE_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_+.-]*")
_NO_FILE: Final = "~"
_DEFAULT_GAIN: Final = 200.0  # of a signal without calibration
# After the format, each field is optional, and needs those before it.
_LINE: Final = re.compile(
    r"""(?P<file>\S+)
    \s+(?P<form>\d{1,4})(?:x(?P<per_frame>\d{1,6}))?(?::(?P<skew>\d{1,9}))?(?:\+(?P<offset>\d{1,9}))?
    (?:\s+(?P<gain>-?\d{1,20}\.?\d{0,20}(?:[eE][+-]?\d{1,2})?)(?:\((?P<baseline>-?\d{1,10})\))?(?:/(?P<units>\S+))?
    (?:\s+(?P<resolution>\d{1,3})
    (?:\s+(?P<zero>-?\d{1,10})
    (?:\s+(?P<first_value>-?\d{1,10})
    (?:\s+(?P<checksum>-?\d{1,5})
    (?:\s+(?P<block_size>\d{1,9})
    (?:\s+(?P<name>.+))?)?)?)?)?)?)?""",
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalLine:
    """Where the samples of a signal are, and what they mean."""

    file: str | None  # None: no file, every sample is missing
    form: int  # of the samples, see `_formats`
    per_frame: int = 1  # samples in each frame; the rate of the header counts frames
    skew: int = 0  # frames by which the signal comes late in its file
    offset: int = 0  # bytes before the first sample
    gain: float = _DEFAULT_GAIN  # ADC units per physical unit
    baseline: int = 0  # physical 0, in ADC units
    units: str = "mV"
    first_value: int = 0
    checksum: int | None = None  # sum of the samples, modulo 65536
    name: str


def parse_signal_line(path: Path, line: str, index: int) -> SignalLine:
    """Return the content of the line of signal `index`."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise InvalidSequenceError(
            f"{path} must give file and format of each signal, and then gain, resolution, zero, first value, checksum, block "
            f"size and name, in this order; got {line[:60]!r}. {RESTORE}"
        )
    field = match.groupdict()
    if field["file"] != _NO_FILE and not FILE_NAME.fullmatch(field["file"]):
        raise InvalidSequenceError(
            f"{path} must name signal files in its own folder; got {field['file'][:60]!r}. Copy the file into the folder, and "
            "correct its name in the header."
        )
    form = int(field["form"])
    if field["file"] != _NO_FILE and form not in FORMATS:
        raise InvalidSequenceError(
            f"{path} must describe signals in one of the formats {', '.join(map(str, FORMATS))}; got {form}. {RESTORE}"
        )
    return SignalLine(
        file=None if field["file"] == _NO_FILE else field["file"],
        form=form,
        per_frame=int(field["per_frame"] or 1) or 1,
        skew=int(field["skew"] or 0),
        offset=int(field["offset"] or 0),
        gain=float(field["gain"] or 0) or _DEFAULT_GAIN,
        baseline=int(field["baseline"] or field["zero"] or 0),
        units=field["units"] or "mV",
        first_value=int(field["first_value"] or 0),
        checksum=None if field["checksum"] is None else int(field["checksum"]),
        name=(field["name"] or f"signal {index}").strip(),
    )
