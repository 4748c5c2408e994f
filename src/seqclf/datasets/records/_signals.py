"""Signal files of a record of one segment -> its chosen signals, in physical units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from seqclf.datasets.records._header import Header, parse_header
from seqclf.datasets.records._record_files import MAX_SIGNAL_BYTES, RESTORE, RecordFiles
from seqclf.datasets.records._signal_file import to_physical, unpack_signals, verify_checksum
from seqclf.exceptions import InvalidSequenceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One signal of a record; it may have several samples in each frame."""

    name: str
    units: str
    per_frame: int
    values: NDArray[np.float64]  # (n_frames * per_frame,), NaN where missing


def read_header(files: RecordFiles, name: str, *, parent: str | None = None) -> Header:
    """Return the header of a record, which is a segment if it has a parent."""
    file = f"{name}.hea"
    return parse_header(files.folder / file, files.read(file, header=parent))


def read_signals(files: RecordFiles, header: Header, chosen: Sequence[int], *, verify: bool) -> list[Track]:
    """Return the chosen signals; files without any of them are not read."""
    values: dict[int, NDArray[np.float64]] = {}
    n_frames = header.n_frames
    for file, group in groupby(range(len(header.signals)), key=lambda i: header.signals[i].file):
        indices = list(group)
        wanted = [i for i in indices if i in chosen]
        if file is None or not wanted:
            continue
        path = files.folder / file
        content = files.read(file, header=header.path.name, max_bytes=MAX_SIGNAL_BYTES)
        samples = unpack_signals(path, content, [header.signals[i] for i in indices], n_frames)
        for i in wanted:
            line, digital = header.signals[i], samples[i - indices[0]]
            if verify:
                verify_checksum(path, line, digital)
            values[i] = to_physical(line, digital)
            n_frames = len(digital) // line.per_frame
    if n_frames is None:
        raise InvalidSequenceError(
            f"{header.path} must give the number of samples of signals without a file; it gives none. {RESTORE}"
        )
    lines = {i: header.signals[i] for i in chosen}
    return [
        Track(
            name=lines[i].name,
            units=lines[i].units,
            per_frame=lines[i].per_frame,
            values=values[i] if i in values else np.full(n_frames * lines[i].per_frame, np.nan),
        )
        for i in chosen
    ]
