"""Signal file -> the samples of its signals, as integers, checked against the header."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqclf.datasets.records._flac import unpack_flac
from seqclf.datasets.records._formats import BYTE_FORMATS, MISSING_SAMPLE
from seqclf.datasets.records._record_files import RESTORE
from seqclf.datasets.records._signal_line import SignalLine
from seqclf.exceptions import InvalidSequenceError

Samples = NDArray[np.signedinteger]


def unpack_signals(
    path: Path, content: bytes, lines: Sequence[SignalLine], n_frames: int | None
) -> list[Samples]:
    """Return the samples of each signal of a file; raise if their number is not that of the header."""
    first = lines[0]
    if any((line.form, line.offset) != (first.form, first.offset) for line in lines):
        raise InvalidSequenceError(
            f"{path} must have one format and one offset for all its signals; its header gives several. {RESTORE}"
        )
    if first.form not in BYTE_FORMATS:
        return unpack_flac(path, content, lines, n_frames)
    form = BYTE_FORMATS[first.form]
    width = sum(line.per_frame for line in lines)
    n_bytes = len(content) - first.offset
    if n_frames is None:
        n_frames = form.n_samples(max(n_bytes, 0)) // width
    least, most = form.n_bytes(n_frames * width)
    if not least <= n_bytes <= most or not n_frames:
        offset = f" after {first.offset} others" if first.offset else ""
        raise InvalidSequenceError(
            f"{path} must have {least} bytes{offset} ({len(lines)} signals of {n_frames} frames, format {first.form}); got "
            f"{max(n_bytes, 0)}. The file is {'too long' if n_bytes > most else 'truncated'}, or its header wrong. {RESTORE}"
        )
    samples = form.samples(content[first.offset :])[: n_frames * width].reshape(n_frames, width)
    stops = np.cumsum([line.per_frame for line in lines])
    signals = [samples[:, stop - line.per_frame : stop] for line, stop in zip(lines, stops, strict=True)]
    if first.form == 8:
        signals = [
            signal.ravel().cumsum(dtype=np.int64) + line.first_value
            for line, signal in zip(lines, signals, strict=True)
        ]
    return [signal.ravel() for signal in signals]


def verify_checksum(path: Path, line: SignalLine, samples: Samples) -> None:
    """Raise if the sum of a signal's samples is not that of the header."""
    actual = int(samples.sum(dtype=np.int64)) % 65536
    if line.checksum is not None and actual != line.checksum % 65536:
        raise InvalidSequenceError(
            f"{path}, {line.name}, must have the checksum {line.checksum % 65536} given in its header; got {actual}. The file "
            f"is damaged, or its header wrong. {RESTORE} `read_wfdb(..., verify=False)` reads it as it is."
        )


def to_physical(line: SignalLine, samples: Samples) -> NDArray[np.float64]:
    """Return a signal in physical units, with NaN for missing samples and without its skew."""
    values: NDArray[np.float64] = (samples.astype(np.float64) - line.baseline) / line.gain
    if line.form in MISSING_SAMPLE:
        values[samples == MISSING_SAMPLE[line.form]] = np.nan
    if line.skew:
        late = min(line.skew * line.per_frame, len(values))
        values = np.concatenate([values[late:], np.full(late, np.nan)])
    return values
