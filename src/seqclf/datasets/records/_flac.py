"""Signal file of formats 508, 516 and 524, which is FLAC -> samples."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seqclf.datasets.records._formats import FLAC_BITS
from seqclf.datasets.records._record_files import RESTORE
from seqclf.datasets.records._signal_line import SignalLine
from seqclf.exceptions import InvalidSequenceError

_BITS: Final = {"PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}


def unpack_flac(
    path: Path, content: bytes, lines: Sequence[SignalLine], n_frames: int | None
) -> list[NDArray[np.signedinteger]]:
    """Return the samples of each signal of a file; raise if it is not what the header says."""
    try:
        import soundfile
    except ImportError as error:
        raise ImportError(
            f"{path} has the format {lines[0].form}, which needs soundfile, which is not installed. "
            "Run `pip install 'seqclf[flac]'`."
        ) from error
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            _check(path, file, lines, n_frames)
            # Samples come in the upper bits of 32.
            samples: NDArray[np.int32] = file.read(dtype="int32", always_2d=True) >> (
                32 - _BITS[file.subtype]
            )
            n_claimed = file.frames
    except soundfile.LibsndfileError as error:
        raise InvalidSequenceError(
            f"{path} must be a FLAC file; it cannot be read: {error}. {RESTORE}"
        ) from error
    if len(samples) != n_claimed:
        raise InvalidSequenceError(
            f"{path} must have the {n_claimed} samples that its first bytes announce; got {len(samples)}. The file is "
            f"truncated. {RESTORE}"
        )
    return list(samples.T)


def _check(path: Path, file: Any, lines: Sequence[SignalLine], n_frames: int | None) -> None:
    """Compare a file with the header before its samples are read: a small file may announce many."""
    first, bits = lines[0], FLAC_BITS[lines[0].form]
    if n_frames is None or first.offset or any(line.per_frame != first.per_frame for line in lines):
        raise InvalidSequenceError(
            f"{path} must have signals of one rate, without an offset, and their length in the header, because its format "
            f"is {first.form}. {RESTORE}"
        )
    expected = ("FLAC", len(lines), n_frames * first.per_frame)
    actual = (file.format, file.channels, file.frames)
    if actual != expected or _BITS.get(file.subtype, bits + 1) > bits:
        raise InvalidSequenceError(
            f"{path} must be in the format {expected[0]} with {expected[1]} channels of {expected[2]} samples of at most {bits} "
            f"bits, as its header says; got {actual[0]}, {actual[1]} channels of {actual[2]} samples, {file.subtype}. {RESTORE}"
        )
