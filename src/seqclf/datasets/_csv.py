"""The published CSV files -> heartbeats."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray

from seqclf._checks import check_boolean, check_sequence
from seqclf.datasets._aami import AAMI_CLASSES
from seqclf.datasets._csv_table import line_of_row, read_table
from seqclf.datasets._cutting import MAX_STEPS
from seqclf.datasets._heartbeats import Heartbeats
from seqclf.exceptions import InvalidSequenceError, SeqclfWarning
from seqclf.sequences import Sequences, as_sequences

_N_COLUMNS = MAX_STEPS + 1


@overload
def read_heartbeat_csv(
    path: str | PathLike[str],
    *,
    target_names: Sequence[str] | None = None,
    return_X_y: Literal[False] = False,
) -> Heartbeats: ...
@overload
def read_heartbeat_csv(
    path: str | PathLike[str], *, target_names: Sequence[str] | None = None, return_X_y: Literal[True]
) -> tuple[Sequences, NDArray[np.str_]]: ...
def read_heartbeat_csv(
    path: str | PathLike[str], *, target_names: Sequence[str] | None = None, return_X_y: bool = False
) -> Heartbeats | tuple[Sequences, NDArray[np.str_]]:
    """Read `mitbih_train.csv` or `mitbih_test.csv`, the published MIT-BIH heartbeats, or a file in their format.

    Parameters
    ----------
    path : str or path-like
        CSV file without a header and with 188 columns: 187 samples at 125 Hz, padded with zeros at the end, and the class
        as 0 (N), 1 (S), 2 (V), 3 (F) or 4 (Q). May be compressed (gzip, bzip2, xz); ZIP archives must be extracted.
    target_names : sequence of str, default=None
        Names of the classes 0, 1 and so on; None: `AAMI_CLASSES`, those of the published MIT-BIH files. For the PTB files that are
        published with them, pass `("normal", "abnormal")`.
    return_X_y : bool, default=False
        Whether to return `(sequences, target)` instead of `Heartbeats`.

    Returns
    -------
    Heartbeats or (Sequences, array of shape (n_samples,))
        Beats in the order of the file. `record` and `rr_intervals` are None: the files do not contain them.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    InvalidSequenceError
        If the file is empty, damaged or not text in UTF-8, a row does not have 188 numbers, a label has no name, or a
        sample is not finite.
    TypeError
        If `target_names` is not a sequence of strings.
    ValueError
        If `path` is not a regular file, or a name occurs twice.

    Warns
    -----
    SeqclfWarning
        If rows hold only zeros, each of which becomes one step of 0. If `target_names` is None, and the labels are 1, or 0 and 1: those
        of the PTB files mean something else.

    See Also
    --------
    load_mitbih : Beats with their records, cut from the original database.

    Notes
    -----
    The files do not contain the lengths of the beats: zeros at the end of a row are read as padding. A beat whose last
    sample is its smallest, and therefore scaled to 0, becomes one step too short.

    References
    ----------
    .. [1] Kachuee M, Fazeli S, Sarrafzadeh M. "ECG Heartbeat Classification: A Deep Transferable Representation."
       IEEE ICHI (2018). doi:10.1109/ICHI.2018.00092

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> from pathlib import Path
    >>> from seqclf.datasets import read_heartbeat_csv
    >>> rows = np.zeros((2, 188))
    >>> rows[0, :3] = 1.0, 0.0, 0.5
    >>> rows[1, :2] = 1.0, 0.2
    >>> rows[1, 187] = 2
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savetxt(Path(folder, "beats.csv"), rows, delimiter=",")
    ...     beats = read_heartbeat_csv(Path(folder, "beats.csv"))
    >>> beats
    Heartbeats(2 beats: N 1, S 0, V 1, F 0, Q 0)
    >>> beats.sequences.lengths
    tensor([3, 2])
    """
    return_X_y = check_boolean("return_X_y", return_X_y)
    names = AAMI_CLASSES if target_names is None else _check_names(target_names)
    path = Path(path)
    if path.exists() and not path.is_file():
        raise ValueError(
            f"`path` must be a regular file; got {path}, a folder, FIFO or device. Pass the CSV file itself."
        )
    if not path.exists():
        raise FileNotFoundError(
            f"`path` must be an existing CSV file of heartbeats; got {path}. Download the 'ECG Heartbeat "
            "Categorization Dataset' from Kaggle, or use `load_mitbih` or `make_heartbeats`."
        )
    table = read_table(path, _N_COLUMNS)
    samples, label = table[:, :MAX_STEPS], table[:, MAX_STEPS]
    _check_labels(path, label, names)
    _check_samples(path, samples)
    for suspicion in (
        _zero_rows(path, samples),
        _other_classes(path, label) if target_names is None else None,
    ):
        if suspicion is not None:
            warnings.warn(suspicion, SeqclfWarning, stacklevel=2)
    beats = Heartbeats(
        sequences=as_sequences(samples, padding_value=0.0, check_axes=False),
        target=np.array(names)[label.astype(np.int64)],
        target_names=names,
    )
    return (beats.sequences, beats.target) if return_X_y else beats


def _check_names(target_names: Sequence[str]) -> tuple[str, ...]:
    names = tuple(check_sequence("target_names", target_names, "strings"))
    for i, name in enumerate(names):
        if not isinstance(name, str):
            raise TypeError(
                f"`target_names` must be strings; got target_names[{i}]={name!r:.60}. Pass one name per class."
            )
    if len(set(names)) < len(names):
        raise ValueError(f"`target_names` must differ; got {names!r:.200}. Give each class its own name.")
    return names


def _check_labels(path: Path, label: NDArray[np.float32], names: tuple[str, ...]) -> None:
    bad = np.flatnonzero(~np.isin(label, np.arange(len(names))))
    if bad.size:
        raise InvalidSequenceError(
            f"{path}: the last column must be a label, 0 to {len(names) - 1}; got {label[bad[0]]:g} in line "
            f"{line_of_row(path, bad[0])}. Is the file complete, with the label in its last column? If it has other classes, pass "
            "their names as `target_names`."
        )


def _zero_rows(path: Path, samples: NDArray[np.float32]) -> str | None:
    rows = np.flatnonzero(~samples.any(axis=1))
    if not rows.size:
        return None
    lines = ", ".join(str(line_of_row(path, row)) for row in rows[:3])
    return (
        f"{path}: {rows.size} row{' holds' if rows.size == 1 else 's hold'} only zeros (line {lines}{', ...' if rows.size > 3 else ''}); "
        "each is read as one step of 0. Drop such beats: they have no samples."
    )


def _other_classes(path: Path, label: NDArray[np.float32]) -> str | None:
    """Return a warning for labels that are 1, or 0 and 1; in the published MIT-BIH files, all five occur."""
    if label.max() != 1:
        return None
    return (
        f"{path}: no label is larger than 1, and 1 is read as {AAMI_CLASSES[1]!r}, the second class of the MIT-BIH files. If this is a PTB "
        f"file, pass `target_names=('normal', 'abnormal')`; otherwise `target_names={AAMI_CLASSES}`."
    )


def _check_samples(path: Path, samples: NDArray[np.float32]) -> None:
    if not np.isfinite(samples).all():
        row, column = np.argwhere(~np.isfinite(samples))[0]
        raise InvalidSequenceError(
            f"{path}: every sample must be finite; got {samples[row, column]} in line {line_of_row(path, row)}, column "
            f"{column + 1}. The published files contain no missing values: download the file again, or drop the row."
        )
