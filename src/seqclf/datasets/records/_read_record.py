"""Files of a record -> `WFDBRecord`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seqclf.datasets.records._annotations import Annotations, parse_annotations
from seqclf.datasets.records._record import WFDBRecord
from seqclf.datasets.records._record_files import RecordFiles
from seqclf.datasets.records._resampling import resample
from seqclf.datasets.records._segments import read_tracks
from seqclf.datasets.records._signals import Track, read_header
from seqclf.exceptions import InvalidSequenceError


def read_record(
    files: RecordFiles,
    name: str,
    *,
    channels: Sequence[str | int] | None = None,
    annotator: str | None = None,
    resample_to: float | None = None,
    missing: str = "error",
    verify: bool = True,
) -> WFDBRecord:
    """Read a record. The parameters are those of `read_wfdb`, checked."""
    header = read_header(files, name)
    tracks = read_tracks(files, header, channels, verify=verify)
    rates = [header.rate * track.per_frame for track in tracks]
    if resample_to is None and len(set(rates)) > 1:
        raise ValueError(
            f"The channels of {header.path} must have one sampling rate; got "
            f"{', '.join(f'{track.name} at {rate:g} Hz' for track, rate in zip(tracks, rates, strict=True))}. Choose `channels` "
            "of one rate, or pass `resample_to`."
        )
    if missing == "error":
        _check_missing(header.path.stem, tracks)
    new_rate = rates[0] if resample_to is None else resample_to
    columns = [resample(track.values, rate, new_rate) for track, rate in zip(tracks, rates, strict=True)]
    found = None
    if annotator is not None:
        file = f"{name}.{annotator}"
        found = parse_annotations(files.folder / file, files.read(file))
    return WFDBRecord(
        name=name,
        signal=np.column_stack(columns),
        sampling_rate=new_rate,
        channels=tuple(track.name for track in tracks),
        units=tuple(track.units for track in tracks),
        samples=_steps(found, header.rate, new_rate) if found else None,
        symbols=found.symbols if found else None,
        notes=found.notes if found else None,
        comments=header.comments,
    )


def _steps(annotations: Annotations, frame_rate: float, rate: float) -> NDArray[np.int64]:
    """Return the step of the signal at the time of each annotation."""
    ratio = rate / (annotations.rate or frame_rate)
    steps: NDArray[np.int64] = np.rint(annotations.times * ratio).astype(np.int64)
    return steps


def _check_missing(record: str, tracks: Sequence[Track]) -> None:
    """Raise if a sample is missing."""
    for track in tracks:
        is_missing = np.isnan(track.values)
        if is_missing.any():
            raise InvalidSequenceError(
                f"Every sample must have a value; got none for {is_missing.sum()} of {len(is_missing)} samples of {track.name} in "
                f"record {record}, the first at {is_missing.argmax()}. Choose other channels, or read them as NaN by "
                '`read_wfdb(..., missing="keep")`.'
            )
