"""`cut_beats`: annotated ECG records of any database -> heartbeats."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
import torch

from seqclf._checks import check_boolean, check_choice
from seqclf.datasets._beat_cut import MIN_SECONDS, BeatCut, check_cut
from seqclf.datasets._cutting import CutBeats, cut_record
from seqclf.datasets._heartbeats import Heartbeats
from seqclf.datasets.records import WFDBRecord
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences


def cut_beats(
    records: WFDBRecord | Iterable[WFDBRecord],
    cut: BeatCut | None = None,
    *,
    missing: Literal["error", "drop"] = "error",
    drop_last_beat: bool = False,
) -> Heartbeats:
    """Cut annotated ECG records into beats, as `load_mitbih` does.

    Parameters
    ----------
    records : WFDBRecord or iterable of WFDBRecord
        Records with annotations and the same channels, at any sampling rates. A generator needs the memory of one record
        at a time.
    cut : BeatCut or None, default=None
        How to cut. None: `BeatCut()`, which cuts each beat from its R peak to 1.2 times the median RR interval after it, and scales it
        to [0, 1]. The median is that of the 10-second window that contains the peak.
    missing : {"error", "drop"}, default="error"
        What to do with a beat that has missing samples: raise an error, or leave it out.
    drop_last_beat : bool, default=False
        Whether to leave out the last beat of each record.

    Returns
    -------
    Heartbeats
        Beats with one feature for each channel, their AAMI classes, RR intervals and features of the rhythm; `record` is the
        index of a beat's record in `records`.

    Raises
    ------
    InvalidSequenceError
        If a record has no annotations, fewer than two beats, beats after its end, or other channels than the first; if a
        beat has missing samples and `missing="error"`; or if there is no beat longer than 0.2 s.
    ValueError
        If the ratio of the sampling rates of `cut` and of a record is not one of integers up to 100,000.
    TypeError
        If `records` holds other objects, or an option has the wrong type.

    See Also
    --------
    BeatCut : Ways to cut.
    read_wfdb : Read a record.
    load_mitbih : Beats of the MIT-BIH Arrhythmia Database.

    Notes
    -----
    A beat is an annotation with a symbol in `AAMI_CLASS_OF_SYMBOL`. Its R peak is where it was annotated.

    A beat whose window extends beyond its record has only the steps within the record; if these last at most 0.2 s, it is left out.
    `rr_intervals` and `rr_features` also count beats that are left out.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf.datasets import WFDBRecord, cut_beats
    >>> time = np.arange(2570) / 257
    >>> record = WFDBRecord(
    ...     signal=np.cos(2 * np.pi * time)[:, None],  # one beat each second
    ...     sampling_rate=257,
    ...     channels=("II",),
    ...     samples=np.arange(0, 2570, 257),
    ...     symbols=np.array(["N", "V"] * 5),
    ... )
    >>> beats = cut_beats(record)
    >>> beats
    Heartbeats(10 beats: N 5, S 0, V 5, F 0, Q 0; 1 record)
    >>> beats.sequences[:2]
    Sequences(2 sequences, 1 feature, lengths 150 to 150, 300 steps)
    """
    cut = check_cut(cut)
    drop_last_beat = check_boolean("drop_last_beat", drop_last_beat)
    check_choice("missing", missing, ("error", "drop"))
    try:
        each = iter(records)  # type: ignore[arg-type]
    except TypeError:  # one record, or something else
        each = iter([records])  # type: ignore[list-item]
    cuts: list[CutBeats] = []
    channels: tuple[str, ...] = ()
    for i, record in enumerate(each):
        if not isinstance(record, WFDBRecord):
            raise TypeError(
                f"`records` must be of type WFDBRecord; got records[{i}] of type {type(record).__name__}."
            )
        channels = channels or record.channels
        if record.channels != channels:
            raise InvalidSequenceError(
                f"Records must have the same channels; got {', '.join(channels)} in the first, but "
                f"{', '.join(record.channels)} in records[{i}] ({record.name}). Choose them with `channels` of `read_wfdb`."
            )
        cuts.append(cut_record(record, cut, drop_last_beat=drop_last_beat, drop_missing=missing == "drop"))
    return _join(cuts, cut.sampling_rate)


def _join(cuts: list[CutBeats], rate: float) -> Heartbeats:
    """Return the beats of all records."""
    n_beats = [len(cut.lengths) for cut in cuts]
    if not sum(n_beats):
        raise InvalidSequenceError(
            f"The records must contain a beat of at least {int(MIN_SECONDS * rate) + 1} steps "
            f"({MIN_SECONDS:g} s); got none in {len(cuts)} records. Are their annotations correct?"
        )
    values = np.concatenate([cut.values for cut in cuts])
    offsets = np.concatenate([[0], *(cut.lengths for cut in cuts)]).cumsum()
    return Heartbeats(
        sequences=Sequences(torch.from_numpy(values), torch.from_numpy(offsets)),
        target=np.concatenate([cut.classes for cut in cuts]),
        rr_intervals=np.concatenate([cut.rr_intervals for cut in cuts]),
        rr_features=np.concatenate([cut.rr_features for cut in cuts]),
        record=np.repeat(np.arange(len(cuts)), n_beats),
    )
