"""Annotation file of a record -> samples, symbols and notes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seqclf.datasets.records._record_files import RESTORE
from seqclf.exceptions import InvalidSequenceError

# Symbols of the codes from 1, from https://physionet.org/physiotools/wag/annot-5.htm; a space: none.
_SYMBOLS: Final = dict(enumerate('NLRaVFJASEj/Q~ | sT*D"=pB^t+u?![]en@xf()r', start=1))
_NOTE, _LAST_CODE = 22, 49
_SKIP, _NUM, _AUX = 59, 60, 63  # what is not an annotation: a long distance to the next one, numbers, a note
_RATE: Final = "## time resolution:"
_DEFINITIONS, _END_OF_DEFINITIONS = "## annotation type definitions", "## end of definitions"
_DEFINITION: Final = re.compile(r"(\d{1,2})\s+(\S+)(?:\s.*)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotations:
    """Annotations in the order of the file."""

    times: NDArray[np.int64]  # in steps of `rate`
    symbols: NDArray[np.str_]
    notes: NDArray[np.str_]  # "" where there is none
    rate: float | None  # Hz; None: that of the record's frames


def parse_annotations(path: Path, content: bytes) -> Annotations:
    """Return the content of an annotation file."""
    entries = _parse(path, content)
    symbols, rate, n_settings = dict(_SYMBOLS), None, 0
    in_definitions = False
    for time, code, note in entries:  # first come settings of the file, in the form of notes
        if time or code != _NOTE or not (in_definitions or note.startswith("## ")):
            break
        n_settings += 1
        if note.startswith(_RATE):
            rate = _parse_rate(path, note)
        elif match := in_definitions and _DEFINITION.fullmatch(note):
            symbols[int(match[1])] = match[2]
        in_definitions = (in_definitions and note != _END_OF_DEFINITIONS) or note == _DEFINITIONS
    kept = [entry for entry in entries[n_settings:] if entry[1]]  # code 0: not an annotation
    times = np.array([time for time, _, _ in kept], dtype=np.int64)
    bad = np.flatnonzero(np.diff(times, prepend=0) < 0)
    if bad.size:
        raise InvalidSequenceError(
            f"{path} must have its annotations in the order of time, from 0; got annotation {bad[0]} at {times[bad[0]]}. "
            f"{RESTORE}"
        )
    return Annotations(
        times=times,
        symbols=np.array(
            [symbols.get(code, " ").replace(" ", f"[{code}]") for _, code, _ in kept], dtype=np.str_
        ),
        notes=np.array([note for _, _, note in kept], dtype=np.str_),
        rate=rate,
    )


def _parse(path: Path, content: bytes) -> list[tuple[int, int, str]]:
    """Return time, code and note of each annotation.

    A file is a list of 16-bit words, whose upper 6 bits are a code, and whose lower 10 the time since the annotation
    before. The word 0 ends it. Each turn of the loop takes at least one word.
    """
    if len(content) < 2 or len(content) % 2 or content[-2:] != b"\0\0":
        raise InvalidSequenceError(
            f"{path} must end with an empty annotation of two zero bytes; got {len(content)} bytes ending in "
            f"{content[-2:].hex() or 'nothing'}. The file is truncated. {RESTORE}"
        )
    words = np.frombuffer(content, dtype="<u2").tolist()
    n_words = len(words)
    words += [0, 0]  # what a long distance at the end of a damaged file reads
    entries: list[tuple[int, int, str]] = []
    place = time = 0
    while place < n_words and words[place]:
        code, value = divmod(words[place], 1024)
        place += 1
        if code == _SKIP:
            high, low = words[place : place + 2]
            time += (high << 16 | low) - (high >> 15 << 32)  # a signed number
            place += 2
        elif code == _AUX:
            note = content[2 * place : 2 * place + value].decode("latin-1").rstrip("\0")
            place += (value + 1) // 2
            if entries:
                entries[-1] = (*entries[-1][:2], note)
        elif code <= _LAST_CODE:
            time += value
            entries.append((time, code, ""))
        elif code < _NUM:
            raise InvalidSequenceError(
                f"{path} must have annotations of the codes 0 to {_LAST_CODE}; got {code} at byte {2 * place - 2}. The file is "
                f"damaged. {RESTORE}"
            )
    if place != n_words - 1:
        raise InvalidSequenceError(
            f"{path} must end where its annotations end; got {len(content)} bytes, but the annotations end at byte "
            f"{2 * place}. The file is damaged. {RESTORE}"
        )
    return entries


def _parse_rate(path: Path, note: str) -> float:
    """Return the rate of a note such as `## time resolution: 360`."""
    text = note.removeprefix(_RATE).strip()
    if not re.fullmatch(r"\d{1,9}(\.\d{0,12})?", text, re.ASCII) or not float(text):
        raise InvalidSequenceError(
            f"{path} must give its time resolution as a number of steps per second, as in '{_RATE} 360'; got {text[:40]!r}. "
            f"{RESTORE}"
        )
    return float(text)
