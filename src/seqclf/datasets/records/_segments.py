"""Segments of a record, or the record itself if it has only one -> its chosen signals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqclf.datasets.records._channels import find_channels
from seqclf.datasets.records._header import Header, Segment
from seqclf.datasets.records._record_files import RESTORE, RecordFiles
from seqclf.datasets.records._signals import Track, read_header, read_signals
from seqclf.exceptions import InvalidSequenceError


def read_tracks(
    files: RecordFiles, header: Header, channels: Sequence[str | int] | None, *, verify: bool
) -> list[Track]:
    """Return the chosen signals of a record.

    Segments follow each other in time. They have the same signals, or the first of them, of length 0, lists all signals
    of the record, and each of the others has some of these.
    """
    if not header.segments:
        names = [signal.name for signal in header.signals]
        return read_signals(files, header, find_channels(channels, names, header.path), verify=verify)
    headers = [_read_segment_header(files, header, segment) for segment in header.segments]
    layout = next((one for one in headers if one), None)
    if layout is None:
        raise InvalidSequenceError(
            f"{header.path} must have a segment that is not a gap; got none. {RESTORE}"
        )
    names = [signal.name for signal in layout.signals]
    places = find_channels(channels, names, header.path)
    is_variable = not header.segments[0].n_frames
    parts: list[tuple[int, dict[int, Track]]] = []  # frames, and tracks by their place, of each segment
    for segment, one in zip(header.segments, headers, strict=True):
        found = (
            _find_in_segment(one, layout, places, is_variable=is_variable) if one and segment.n_frames else {}
        )
        tracks = read_signals(files, one, list(found.values()), verify=verify) if one and found else []
        parts.append((segment.n_frames, dict(zip(found, tracks, strict=True))))
    n_frames = sum(n for n, _ in parts)
    if header.n_frames not in (None, n_frames):
        raise InvalidSequenceError(
            f"{header.path} must have {header.n_frames} frames, as its first line says; its segments have {n_frames}. {RESTORE}"
        )
    return [_join(header, names[place], place, parts) for place in places]


def _read_segment_header(files: RecordFiles, record: Header, segment: Segment) -> Header | None:
    """Return the header of a segment, or None for a gap; raise if it does not fit the record."""
    if segment.name is None:
        return None
    header = read_header(files, segment.name, parent=record.path.name)
    if header.segments:
        raise InvalidSequenceError(
            f"{header.path} must describe a segment of {record.path.name}; it has segments itself. {RESTORE}"
        )
    if (header.rate, header.n_frames or segment.n_frames) != (record.rate, segment.n_frames):
        raise InvalidSequenceError(
            f"{header.path} must have {record.rate:g} Hz and {segment.n_frames} frames, as {record.path.name} says; got "
            f"{header.rate:g} Hz and {header.n_frames}. {RESTORE}"
        )
    return header


def _find_in_segment(
    header: Header, layout: Header, places: Sequence[int], *, is_variable: bool
) -> dict[int, int]:
    """Return the places in a segment of the chosen signals that it has, by those in the layout."""
    names, own = ([signal.name for signal in one.signals] for one in (layout, header))
    if is_variable:
        return {place: own.index(names[place]) for place in places if names[place] in own}
    if own == names:
        return {place: place for place in places}
    raise InvalidSequenceError(
        f"{header.path} must have the signals of the first segment, {', '.join(names)}; got {', '.join(own)}. {RESTORE}"
    )


def _join(record: Header, name: str, place: int, parts: Sequence[tuple[int, dict[int, Track]]]) -> Track:
    """Join the parts of one signal, with NaN for those that do not have it."""
    tracks = [part[place] for _, part in parts if place in part]
    forms = {(track.units, track.per_frame) for track in tracks} or {("", 1)}
    if len(forms) > 1:
        raise InvalidSequenceError(
            f"{record.path} must have segments in which {name} has the same units and samples per frame; got "
            f"{' and '.join(f'{units} x{n}' for units, n in sorted(forms))}. {RESTORE}"
        )
    units, per_frame = forms.pop()
    pieces = [
        part[place].values if place in part else np.full(n_frames * per_frame, np.nan)
        for n_frames, part in parts
    ]
    for (n_frames, _), piece in zip(parts, pieces, strict=True):
        if len(piece) != n_frames * per_frame:
            raise InvalidSequenceError(
                f"{record.path} must have a segment of {n_frames} frames; its signal {name} has {len(piece) // per_frame}. "
                f"{RESTORE}"
            )
    return Track(name=name, units=units, per_frame=per_frame, values=np.concatenate(pieces))
