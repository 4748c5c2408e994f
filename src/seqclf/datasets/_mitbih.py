"""Records of the MIT-BIH Arrhythmia Database -> heartbeats."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Final, Literal, overload

import numpy as np
from numpy.typing import NDArray

from seqclf._checks import check_boolean, check_integer, check_sequence
from seqclf.datasets._aami import MITBIH_RECORDS
from seqclf.datasets._beat_cut import BeatCut, check_cut
from seqclf.datasets._checksums import published_checksums
from seqclf.datasets._cut_beats import cut_beats
from seqclf.datasets._download import data_folder, download_mitbih
from seqclf.datasets._heartbeats import Heartbeats
from seqclf.datasets.records import RecordFiles, WFDBRecord, read_record
from seqclf.exceptions import InvalidSequenceError, SeqclfWarning
from seqclf.sequences import Sequences

_WITHOUT_MLII: Final = (102, 104)
_MLII_SECOND: Final = 114  # in all other records, MLII is the first of the two leads


@overload
def load_mitbih(
    path: str | PathLike[str] | None = None,
    *,
    lead: str | Sequence[str] = "MLII",
    records: Sequence[int] | None = None,
    cut: BeatCut | None = None,
    drop_last_beat: bool = False,
    download: bool = False,
    return_X_y: Literal[False] = False,
) -> Heartbeats: ...
@overload
def load_mitbih(
    path: str | PathLike[str] | None = None,
    *,
    lead: str | Sequence[str] = "MLII",
    records: Sequence[int] | None = None,
    cut: BeatCut | None = None,
    drop_last_beat: bool = False,
    download: bool = False,
    return_X_y: Literal[True],
) -> tuple[Sequences, NDArray[np.str_]]: ...
def load_mitbih(
    path: str | PathLike[str] | None = None,
    *,
    lead: str | Sequence[str] = "MLII",
    records: Sequence[int] | None = None,
    cut: BeatCut | None = None,
    drop_last_beat: bool = False,
    download: bool = False,
    return_X_y: bool = False,
) -> Heartbeats | tuple[Sequences, NDArray[np.str_]]:
    """Load the MIT-BIH Arrhythmia Database, and cut its records into beats.

    Parameters
    ----------
    path : str or path-like, default=None
        Folder with the files `100.hea`, `100.dat`, `100.atr` and so on. None: `mitdb` in the folder named by the
        environment variable `SEQCLF_DATA`, or in `seqclf` in the user's cache folder.
    lead : str or sequence of str, default="MLII"
        Leads to read, each a feature of the beats. Records 102 and 104 have no MLII; their first lead, V5, is read instead.
        "other" is the other one of the two leads of each record: V1 in 40 records, V2, V4 or V5 in the others, so
        `lead=("MLII", "other")` reads both leads of all 48.
    records : sequence of int, default=None
        Records to load, in this order, for example `DS1`. None: all 48.
    cut : BeatCut or None, default=None
        How to cut. None: `BeatCut()`, as in the published CSV files (see Notes).
    drop_last_beat : bool, default=False
        Whether to leave out the last beat of each record, as in the published CSV files (see Notes).
    download : bool, default=False
        Whether to download missing files from PhysioNet (98 MB for all records) and verify their SHA-256 checksums.
        Shows a progress bar if tqdm is installed.
    return_X_y : bool, default=False
        Whether to return `(sequences, target)` instead of `Heartbeats`.

    Returns
    -------
    Heartbeats or (Sequences, array of shape (n_samples,))
        Beats in the order of `records` and of time.

    Raises
    ------
    FileNotFoundError
        If a file of a record is missing.
    InvalidSequenceError
        If a file cannot be read: it is truncated, damaged (the 16-bit checksum of the lead is wrong), not a regular file, or a
        link to a file outside the folder.
    ValueError
        If a record is unknown or repeated, or has no such lead, or a lead is repeated.
    TypeError
        If `records` are not integers, `lead` is not str or a sequence of str, `cut` is not a BeatCut, or an option is not a boolean.
    OSError
        If a download fails, its checksum is wrong, or it cannot be stored.

    Warns
    -----
    SeqclfWarning
        If a file differs from that of the database (its SHA-256 is another), for example because it was annotated again.

    See Also
    --------
    BeatCut : Ways to cut, for example for patients who are not in the training set.
    read_wfdb : Read a record of any ECG database.
    cut_beats : Cut records into beats as this function does.
    read_heartbeat_csv : The published beats, cut by their authors.
    make_heartbeats : Simulated beats, without any file.

    Notes
    -----
    By default, beats are cut as in [1]_: the lead is resampled from 360 to 125 Hz. Each annotated beat starts at its R peak, lasts
    1.2 times the median RR interval of its 10-second window (consecutive windows from the start of the record) but at
    most 187 steps, and is scaled to [0, 1]. So most beats include the start of the next one, and none its own P wave.
    Unlike [1]_, we use the annotated R peaks instead of detecting peaks, and scale each beat separately.

    The 48 records have 109,494 beats of the five classes. A last beat shorter than 26 steps (0.2 s) is left out, which
    gives 109,484 beats (N 90,621, S 2,781, V 7,236, F 803, Q 8,043) of 26 to 187 steps. The published CSV files have
    109,446 (90,589, 2,779, 7,236, 803, 8,039), 48 fewer than annotated. With `drop_last_beat=True` the counts agree in
    every class. That the files leave out the last beat of each record is our inference from the counts: they do not
    contain the records, and their beats need not equal ours sample by sample.

    Such a beat does not include the time before its R peak, so the shape of a premature beat shows mainly in what follows it.
    `rr_intervals` contains the intervals before and after each beat and the median of its window. The median replaces
    the intervals that are missing at the ends of a record.

    References
    ----------
    .. [1] Kachuee M, Fazeli S, Sarrafzadeh M. "ECG Heartbeat Classification: A Deep Transferable Representation."
       IEEE ICHI (2018). doi:10.1109/ICHI.2018.00092
    .. [2] Moody GB, Mark RG. "The impact of the MIT-BIH Arrhythmia Database." IEEE Eng in Med and Biol
       20(3):45-50 (2001). doi:10.1109/51.932724. Data: doi:10.13026/C2F305, licence ODC-By 1.0.

    Examples
    --------
    >>> from seqclf.datasets import DS1, load_mitbih
    >>> train = load_mitbih("path/to/mitdb", records=DS1)  # doctest: +SKIP
    >>> train.sequences, train.target  # doctest: +SKIP
    """
    drop_last_beat = check_boolean("drop_last_beat", drop_last_beat)
    leads, cut = _check_leads(lead), check_cut(cut)
    download, return_X_y = check_boolean("download", download), check_boolean("return_X_y", return_X_y)
    numbers = _check_records(records)
    checksums = published_checksums()
    folder = data_folder() / "mitdb" if path is None else Path(path)
    if download:
        download_mitbih(folder, numbers, checksums=checksums)
    elif not folder.is_dir():
        raise FileNotFoundError(
            f"`path` must be an existing folder of MIT-BIH records; got {folder}. Correct `path`, or download the "
            "records from PhysioNet with `download=True`."
        )
    files = RecordFiles(folder)
    beats = cut_beats((_read(files, number, leads) for number in numbers), cut, drop_last_beat=drop_last_beat)
    beats = replace(beats, record=np.array(numbers, dtype=np.int64)[beats.record])
    modified = [name for name, digest in files.digests.items() if digest != checksums.get(name)]
    _warn_of_modified(folder, modified)
    return (beats.sequences, beats.target) if return_X_y else beats


def _check_records(records: object) -> tuple[int, ...]:
    if records is None:
        return MITBIH_RECORDS
    if isinstance(records, str) or not isinstance(records, Iterable):
        raise TypeError(
            f"`records` must be a sequence of record numbers; got {records!r:.100}. For one record, pass `[100]`."
        )
    numbers: list[int] = []
    for i, given in enumerate(records):
        number = check_integer(f"records[{i}]", given)
        if number not in MITBIH_RECORDS:
            raise ValueError(
                f"`records` must contain MIT-BIH record numbers; got records[{i}]={number}. The records are "
                f"{', '.join(map(str, MITBIH_RECORDS))}."
            )
        if number in numbers:
            raise ValueError(
                f"`records` must contain each record once; got {number} at records[{numbers.index(number)}] and "
                f"records[{i}]. Remove the second."
            )
        numbers.append(number)
    if not numbers:
        raise ValueError("`records` must contain at least one record; got none. Pass None for all 48.")
    return tuple(numbers)


def _check_leads(lead: object) -> tuple[str, ...]:
    leads = [lead] if isinstance(lead, str) else check_sequence("lead", lead, "str")
    for i, one in enumerate(leads):
        if not isinstance(one, str):
            raise TypeError(f"`lead` must hold names of leads; got lead[{i}] of type {type(one).__name__}.")
        if one in leads[:i]:
            raise ValueError(
                f"`lead` must name each lead once; got {one!r:.60} at lead[{leads.index(one)}] and lead[{i}]. Remove the second."
            )
    if not leads:
        raise ValueError('`lead` must name at least one lead; got none. The default is "MLII".')
    return tuple(leads)


def _read(files: RecordFiles, number: int, leads: tuple[str, ...]) -> WFDBRecord:
    """Read leads of a record with its annotations."""
    channels = [_channel(number, lead) for lead in leads]
    try:
        record = read_record(files, str(number), channels=channels, annotator="atr")
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{error} Or load with `download=True`, or restrict `records` to those you have."
        ) from None
    except InvalidSequenceError as error:
        raise InvalidSequenceError(f"{error} Or delete it and load again with `download=True`.") from None
    except ValueError as error:  # no such channel
        raise ValueError(
            f"`lead` must be available in every record; got {', '.join(map(repr, leads)):.60}. {error} Or restrict `records` to "
            "those that have it."
        ) from None
    return replace(record, channels=leads)


def _channel(number: int, lead: str) -> str | int:
    """Return the name or the place of a lead in its record."""
    if lead == "other":
        return 0 if number == _MLII_SECOND else 1
    return 0 if lead == "MLII" and number in _WITHOUT_MLII else lead


def _warn_of_modified(folder: Path, names: list[str]) -> None:
    if not names:
        return
    listed = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    warnings.warn(
        f"Files of {folder} differ from the MIT-BIH database, version 1.0.0: {listed}. They belong to modified or damaged "
        "records, whose beats are not the published ones. If you did not change them, delete them and load again with "
        "`download=True`.",
        SeqclfWarning,
        stacklevel=3,
    )
