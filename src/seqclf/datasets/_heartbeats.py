"""`Heartbeats`: beats with their classes, records and RR intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqclf.datasets._aami import AAMI_CLASSES
from seqclf.datasets._rhythm import RR_FEATURES
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Heartbeats:
    """Single heartbeats with their AAMI classes.

    Parameters
    ----------
    sequences : Sequences of n_samples beats
        Beats with one feature for each lead. Unless a `BeatCut` asks for others: one lead, 125 Hz, from the R peak on, scaled
        to [0, 1], at most 187 steps.
    target : array of shape (n_samples,), str
        Class of each beat: one of `target_names`.
    target_names : tuple of str, default=("N", "S", "V", "F", "Q")
        AAMI groups: normal, supraventricular, ventricular, fusion, and paced or unclassifiable beats.
    record : array of shape (n_samples,), int64, or None, default=None
        Record of each beat, for inter-patient splits; None if unknown.
    rr_intervals : array of shape (n_samples, 3), float32, or None, default=None
        RR intervals in seconds: before the beat, after it, and the median around it; None if unknown.
        `beats.sequences.with_static(beats.rr_intervals)` makes them features.
    rr_features : array of shape (n_samples, 10), float32, or None, default=None
        Logarithms of ratios of RR intervals, see `RR_FEATURES`; None if unknown. They do not depend on how fast a heart usually
        beats. They use the beats around, and the mean over the whole recording, without labels.

    Raises
    ------
    InvalidSequenceError
        If the arrays have different lengths, or a target is not in `target_names`.

    See Also
    --------
    make_heartbeats : Simulated beats, without any file.
    load_mitbih : Beats of the MIT-BIH Arrhythmia Database.
    cut_beats : Beats of records of any database.
    read_heartbeat_csv : Beats of the published CSV files.

    Examples
    --------
    >>> from seqclf.datasets import make_heartbeats
    >>> beats = make_heartbeats(1000, random_state=0)
    >>> beats
    Heartbeats(1000 beats: N 828, S 25, V 66, F 7, Q 74; 48 records)
    >>> one_patient = beats.sequences[beats.record == beats.record[0]]
    """

    sequences: Sequences
    target: NDArray[np.str_]
    target_names: tuple[str, ...] = AAMI_CLASSES
    record: NDArray[np.int64] | None = None
    rr_intervals: NDArray[np.float32] | None = None
    rr_features: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        n = len(self.sequences)
        for name, array in (("target", self.target), ("record", self.record)):
            if array is not None and array.shape != (n,):
                raise InvalidSequenceError(
                    f"`{name}` must have one entry for each of the {n} sequences; got shape {array.shape}. "
                    "Select the same beats in all arrays."
                )
        width = len(RR_FEATURES)
        for name, rows, columns, content in (
            ("rr_intervals", self.rr_intervals, 3, "before, after and median"),
            ("rr_features", self.rr_features, width, "the columns of `RR_FEATURES`"),
        ):
            if rows is not None and rows.shape != (n, columns):
                raise InvalidSequenceError(
                    f"`{name}` must have shape ({n}, {columns}): {content}, for each sequence; got {rows.shape}. Select the "
                    "same beats in all arrays."
                )
        unknown = np.flatnonzero(~np.isin(self.target, self.target_names))
        if unknown.size:
            i = unknown[0]
            raise InvalidSequenceError(
                f"`target` must contain only {', '.join(self.target_names)}; got target[{i}]={str(self.target[i])!r}. "
                "Add the class to `target_names`."
            )

    def __len__(self) -> int:
        return len(self.sequences)

    def __repr__(self) -> str:
        counts = ", ".join(f"{name} {np.count_nonzero(self.target == name)}" for name in self.target_names)
        text = f"{len(self)} beat{'' if len(self) == 1 else 's'}: {counts}"
        if self.record is not None:
            n_records = len(np.unique(self.record))
            text += f"; {n_records} record{'' if n_records == 1 else 's'}"
        return f"Heartbeats({text})"
