"""Read and verify one record of the MIT-BIH database."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf.datasets._aami import AAMI_CLASS_OF_SYMBOL
from seqclf.exceptions import InvalidSequenceError

_WITHOUT_MLII = (102, 104)
_DOWNLOAD_AGAIN = "Delete it and load again with `download=True`, or download it from PhysioNet."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Record:
    """One lead of a record, with its annotated beats."""

    number: int
    signal: NDArray[np.float64]  # (n_samples,), in ADC units
    frequency: int  # Hz
    peaks: NDArray[np.int64]  # (n_beats,), sample index of each R peak
    classes: NDArray[np.str_]  # (n_beats,), AAMI class of each beat


def read_record(folder: Path, number: int, lead: str) -> Record:
    """Read one lead and the beats of a record; raise if a file is missing or damaged."""
    stem = folder / str(number)
    with warnings.catch_warnings():
        # wfdb 4.3 uses functions that pandas 3.1 deprecates, on import and in `rdann`.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        wfdb = _import_wfdb()
        header = _read_header(wfdb, stem)
        _check_size(stem.with_suffix(".dat"), header)
        channel = _channel_of(lead, header.sig_name, number)
        digital = wfdb.rdrecord(str(stem), channels=[channel], physical=False).d_signal[:, 0]
        _check_sum(stem.with_suffix(".dat"), digital, header, channel)
        peaks, classes = _read_beats(wfdb, stem.with_suffix(".atr"), header.sig_len)
    # The resampling filter assumes zeros outside the record: centring avoids a jump at both ends.
    signal = digital - np.median(digital)
    return Record(number=number, signal=signal, frequency=int(header.fs), peaks=peaks, classes=classes)


def _import_wfdb() -> ModuleType:
    try:
        import wfdb
    except ImportError as error:
        raise ImportError(
            "`load_mitbih` requires the package wfdb, which is not installed. Run `pip install 'seqclf[mitbih]'`."
        ) from error
    module: ModuleType = wfdb
    return module


def _read_header(wfdb: ModuleType, stem: Path) -> Any:
    """Return the header of a record, as wfdb reads it; raise if one of the three files is missing."""
    for suffix in (".hea", ".dat", ".atr"):
        if not stem.with_suffix(suffix).is_file():
            raise FileNotFoundError(
                f"Record {stem.name} must have the files .hea, .dat and .atr; {stem.with_suffix(suffix)} is missing. "
                "Load with `download=True`, correct `path`, or restrict `records` to those you have."
            )
    path = stem.with_suffix(".hea")
    try:
        header = wfdb.rdheader(str(stem))
    except OSError:
        raise  # its message is clear, for example about permissions
    except Exception as error:
        raise InvalidSequenceError(
            f"{path} must be a WFDB header; wfdb cannot read it: {error}. {_DOWNLOAD_AGAIN}"
        ) from error
    if not header.n_sig or not header.sig_len or set(header.fmt or ()) != {"212"} or not header.checksum:
        raise InvalidSequenceError(
            f"{path} must describe signals in format 212 with their number of samples and checksums; got "
            f"{header.n_sig} signals, formats {header.fmt}, {header.sig_len} samples. {_DOWNLOAD_AGAIN}"
        )
    return header


def _check_size(path: Path, header: Any) -> None:
    """Raise if the signal file does not have the size given in its header."""
    expected = (header.sig_len * header.n_sig * 3 + 1) // 2  # two samples in three bytes
    actual = path.stat().st_size
    if actual != expected:
        raise InvalidSequenceError(
            f"{path} must have {expected} bytes ({header.n_sig} signals of {header.sig_len} samples, format 212); "
            f"got {actual}. The file is {'truncated' if actual < expected else 'too long'}. {_DOWNLOAD_AGAIN}"
        )


def _channel_of(lead: str, names: list[str], number: int) -> int:
    if lead in names:
        return names.index(lead)
    if lead == "MLII" and number in _WITHOUT_MLII:
        return 0
    raise ValueError(
        f"`lead` must be available in every record; got {lead!r}, but record {number} has "
        f"{' and '.join(names)}. Choose another lead, or restrict `records` to those that have it."
    )


def _check_sum(path: Path, digital: NDArray[np.int64], header: Any, channel: int) -> None:
    """Raise if the samples do not match the 16-bit checksum in the header."""
    expected, actual = header.checksum[channel] % 65536, int(digital.sum(dtype=np.int64)) % 65536
    if actual != expected:
        raise InvalidSequenceError(
            f"{path}, lead {header.sig_name[channel]}, must have the checksum {expected} given in its header; "
            f"got {actual}. The file is damaged. {_DOWNLOAD_AGAIN}"
        )


def _read_beats(wfdb: ModuleType, path: Path, n_samples: int) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """Return the R peaks and the classes of the beats, without annotations of other events."""
    content = path.read_bytes()
    if len(content) < 2 or len(content) % 2 or content[-2:] != b"\0\0":
        raise InvalidSequenceError(
            f"{path} must end with an empty annotation of two zero bytes; got {len(content)} bytes ending in "
            f"{content[-2:].hex() or 'nothing'}. The file is truncated. {_DOWNLOAD_AGAIN}"
        )
    try:
        annotation = wfdb.rdann(str(path.with_suffix("")), "atr")
    except OSError:
        raise  # its message is clear, for example about permissions
    except Exception as error:
        raise InvalidSequenceError(
            f"{path} must contain WFDB annotations; wfdb cannot read it: {error}. {_DOWNLOAD_AGAIN}"
        ) from error
    classes = np.array([AAMI_CLASS_OF_SYMBOL.get(symbol, "") for symbol in annotation.symbol], dtype="<U1")
    is_beat = classes != ""
    peaks = np.asarray(annotation.sample, dtype=np.int64)[is_beat]
    if len(peaks) < 2 or peaks[0] < 0 or peaks[-1] >= n_samples or (np.diff(peaks) < 0).any():
        raise InvalidSequenceError(
            f"{path} must annotate at least two beats, in order and within the {n_samples} samples of the record; got "
            f"{len(peaks)} beats{f', the last at sample {peaks[-1]}' if len(peaks) else ''}. {_DOWNLOAD_AGAIN}"
        )
    return peaks, classes[is_beat]
