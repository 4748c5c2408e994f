"""`WFDBRecord`: the signal of a record, with its annotations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf._checks import check_positive, check_sequence, convert_fields
from seqclf.exceptions import InvalidSequenceError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class WFDBRecord:
    """Signal and annotations of one record.

    `read_wfdb` makes it from files. Make it yourself for signals from elsewhere, to cut them with `cut_beats`.

    Parameters
    ----------
    signal : array of shape (n_steps, n_channels), float64
        Samples in physical units, NaN where one is missing.
    sampling_rate : float
        Steps per second of `signal`.
    channels : tuple of n_channels str
        Names, such as the leads of an ECG.
    units : tuple of n_channels str, default=()
        Physical units, such as `mV`; empty if unknown.
    samples : array of shape (n_annotations,), int64, or None, default=None
        Step of `signal` of each annotation, ascending; None without annotations.
    symbols : array of shape (n_annotations,), str, or None, default=None
        Symbol of each annotation, such as `N` for a normal beat.
    notes : array of shape (n_annotations,), str, or None, default=None
        Text of each annotation, such as `(AFIB` for the start of atrial fibrillation; `""` where there is none.
    name : str, default=""
        Name of the record.
    comments : tuple of str, default=()
        Comments of the header, such as the patient's age and diagnoses.

    Raises
    ------
    InvalidSequenceError
        If the arrays do not fit each other.
    ValueError
        If `sampling_rate` is not positive.
    TypeError
        If a field has another type.

    See Also
    --------
    read_wfdb : Make a record from files.
    cut_beats : Cut records into beats.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf.datasets import WFDBRecord
    >>> time = np.arange(1000) / 250
    >>> WFDBRecord(signal=np.sin(7 * time)[:, None], sampling_rate=250, channels=("II",), name="r1")
    WFDBRecord(r1: 1000 steps at 250 Hz of II)
    """

    signal: NDArray[np.float64]
    sampling_rate: float
    channels: tuple[str, ...]
    units: tuple[str, ...] = ()
    samples: NDArray[np.int64] | None = None
    symbols: NDArray[np.str_] | None = None
    notes: NDArray[np.str_] | None = None
    name: str = ""
    comments: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        convert_fields(self, sampling_rate=check_positive, signal=_as_signal)
        convert_fields(self, channels=_as_names, units=_as_names, comments=_as_names, name=_check_text)
        if np.ndim(self.signal) != 2 or np.shape(self.signal)[1] != len(self.channels):
            raise InvalidSequenceError(
                f"`signal` must have shape (n_steps, {len(self.channels)}): one column for each of the channels "
                f"{', '.join(self.channels)}; got shape {np.shape(self.signal)}. For one channel, pass `signal[:, None]`."
            )
        if self.units and len(self.units) != len(self.channels):
            raise InvalidSequenceError(
                f"`units` must have one entry for each of the {len(self.channels)} channels; got {len(self.units)}. "
                "Pass an empty tuple if they are unknown."
            )
        if self.samples is None:
            return
        convert_fields(self, samples=_as_steps, symbols=_as_text, notes=_as_text)
        if np.ndim(self.samples) != 1 or np.any(np.diff(self.samples, prepend=0) < 0):
            raise InvalidSequenceError(
                "`samples` must be one array of steps from 0 in ascending order; got shape "
                f"{np.shape(self.samples)}. Sort the annotations by their step."
            )
        for field, array in (("symbols", self.symbols), ("notes", self.notes)):
            if array is not None and np.shape(array) != np.shape(self.samples):
                raise InvalidSequenceError(
                    f"`{field}` must have one entry for each of the {len(self.samples)} annotations; got shape "
                    f"{np.shape(array)}. Select the same annotations in all arrays."
                )

    def __repr__(self) -> str:
        n_steps = len(self.signal)
        text = f"{n_steps} steps at {self.sampling_rate:g} Hz of {', '.join(self.channels)}"
        if self.samples is not None:
            text += f"; {len(self.samples)} annotations"
        return f"WFDBRecord({self.name}{': ' if self.name else ''}{text})"


def _as_signal(name: str, values: Any) -> NDArray[np.float64]:
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"`{name}` must hold real numbers; got dtype {array.dtype}. Convert it to floats.")
    return array.astype(np.float64, copy=False)


def _as_steps(name: str, values: Any) -> NDArray[np.int64]:
    array = np.asarray(values)
    if array.dtype.kind not in "iu" and array.size:
        raise TypeError(
            f"`{name}` must hold integers, the steps of the annotations; got dtype {array.dtype}. For times in seconds, multiply "
            "them by the sampling rate, and round."
        )
    return array.astype(np.int64, copy=False)


def _as_text(_: str, values: Any) -> NDArray[np.str_] | None:
    return None if values is None else np.asarray(values, dtype=np.str_)


def _as_names(name: str, values: Any) -> tuple[str, ...]:
    return tuple(
        _check_text(f"{name}[{i}]", one) for i, one in enumerate(check_sequence(name, values, "str"))
    )


def _check_text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"`{name}` must be a str; got {type(value).__name__}.")
    return str(value)
