"""Annotation file of a record -> R peaks and AAMI classes of its beats."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seqclf.datasets._aami import AAMI_CLASS_OF_SYMBOL
from seqclf.datasets._header import FREQUENCY
from seqclf.datasets._record_file import DOWNLOAD_AGAIN
from seqclf.exceptions import InvalidSequenceError

# Symbols of the codes that stand for beats, from https://physionet.org/physiotools/wag/annot-5.htm.
BEAT_SYMBOLS: Final = dict(enumerate("NLRaVFJASEj/Q", start=1)) | {34: "e", 38: "f"}
_SKIP, _AUX = 59, 63  # codes that are not annotations: a long distance to the next one, and a text
_CLASS_OF_CODE = np.array([AAMI_CLASS_OF_SYMBOL.get(BEAT_SYMBOLS.get(code, ""), "") for code in range(_SKIP)])
_RATE_NOTE = b"## time resolution:"


def read_beats(path: Path, content: bytes, n_samples: int) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """Return the R peaks and the classes of the beats, without annotations of other events."""
    samples, codes = _parse(path, content)
    classes = _CLASS_OF_CODE[codes]
    is_beat = classes != ""
    peaks, classes = samples[is_beat], classes[is_beat]
    bad = np.flatnonzero((peaks < 0) | (peaks >= n_samples) | (np.diff(peaks, prepend=0) < 0))
    if len(peaks) < 2 or bad.size:
        raise InvalidSequenceError(
            f"{path} must annotate at least two beats, in order and within the {n_samples} samples of the record; got "
            f"{len(peaks)} beats{f', beat {bad[0]} at sample {peaks[bad[0]]}' if bad.size else ''}. {DOWNLOAD_AGAIN}"
        )
    return peaks, classes


def _parse(path: Path, content: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the sample and the code of each annotation.

    A file is a list of 16-bit words, whose upper 6 bits are a code, and whose lower 10 the distance in samples from the
    annotation before. The word 0 ends it.
    """
    if len(content) < 2 or len(content) % 2 or content[-2:] != b"\0\0":
        raise InvalidSequenceError(
            f"{path} must end with an empty annotation of two zero bytes; got {len(content)} bytes ending in "
            f"{content[-2:].hex() or 'nothing'}. The file is truncated. {DOWNLOAD_AGAIN}"
        )
    words = np.frombuffer(content, dtype="<u2").tolist()
    n_words = len(words)
    words += [0, 0]  # what a long distance at the end of a damaged file reads
    samples, codes = [], []
    place = sample = 0
    while place < n_words and words[place]:
        code, value = divmod(words[place], 1024)
        place += 1
        if code == _SKIP:
            high, low = words[place : place + 2]
            sample += (high << 16 | low) - (high >> 15 << 32)  # a signed number
            place += 2
        elif code == _AUX:
            _check_rate(path, content[2 * place : 2 * place + value])
            place += (value + 1) // 2
        elif code < _SKIP:
            sample += value
            samples.append(sample)
            codes.append(code)
    if place != n_words - 1:
        raise InvalidSequenceError(
            f"{path} must end where its annotations end; got {len(content)} bytes, but the annotations end at byte "
            f"{2 * place}. The file is damaged. {DOWNLOAD_AGAIN}"
        )
    return np.array(samples, dtype=np.int64), np.array(codes, dtype=np.int64)


def _check_rate(path: Path, text: bytes) -> None:
    """Raise if a text says that the annotations count in another unit than samples of the signal."""
    if text.startswith(_RATE_NOTE):
        rate = text.removeprefix(_RATE_NOTE).decode("latin-1").strip()
        try:
            is_right = float(rate) == FREQUENCY
        except ValueError:
            is_right = False
        if not is_right:
            raise InvalidSequenceError(
                f"{path} must count in samples of {FREQUENCY} Hz; got the time resolution {rate[:40]!r}. Write the "
                f"annotations at {FREQUENCY} Hz, or restore the file: delete it and load again with `download=True`."
            )
