"""The published CSV files -> heartbeats."""

from __future__ import annotations

import warnings
from os import PathLike
from pathlib import Path
from typing import Literal, NoReturn, overload

import numpy as np
from numpy.typing import NDArray

from seqclf._checks import check_boolean
from seqclf.datasets._aami import AAMI_CLASSES
from seqclf.datasets._cutting import MAX_STEPS
from seqclf.datasets._heartbeats import Heartbeats
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences, as_sequences

_N_COLUMNS = MAX_STEPS + 1


@overload
def read_heartbeat_csv(path: str | PathLike[str], *, return_X_y: Literal[False] = False) -> Heartbeats: ...
@overload
def read_heartbeat_csv(
    path: str | PathLike[str], *, return_X_y: Literal[True]
) -> tuple[Sequences, NDArray[np.str_]]: ...
def read_heartbeat_csv(
    path: str | PathLike[str], *, return_X_y: bool = False
) -> Heartbeats | tuple[Sequences, NDArray[np.str_]]:
    """Read `mitbih_train.csv` or `mitbih_test.csv`, the published MIT-BIH heartbeats.

    Parameters
    ----------
    path : str or path-like
        CSV file without a header and with 188 columns: 187 samples at 125 Hz, padded with zeros at the end, and the class
        as 0 (N), 1 (S), 2 (V), 3 (F) or 4 (Q). May be compressed (`.gz`, `.bz2`, `.xz`).
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
        If a row does not have 188 numbers, a label is not 0 to 4, or a sample is not finite.

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
    path, return_X_y = Path(path), check_boolean("return_X_y", return_X_y)
    if not path.is_file():
        raise FileNotFoundError(
            f"`path` must be an existing CSV file of heartbeats; got {path}. Download the 'ECG Heartbeat "
            "Categorization Dataset' from Kaggle, or use `load_mitbih` or `make_heartbeats`."
        )
    table = _read_table(path)
    label = table[:, MAX_STEPS]
    bad = np.flatnonzero(~np.isin(label, np.arange(len(AAMI_CLASSES))))
    if bad.size:
        row = bad[0]
        raise InvalidSequenceError(
            f"{path}: the last column must be a label 0, 1, 2, 3 or 4; got {label[row]:g} in row {row}. "
            "Is the file complete, with the label in its last column?"
        )
    beats = Heartbeats(
        sequences=as_sequences(table[:, :MAX_STEPS], padding_value=0.0),
        target=np.array(AAMI_CLASSES)[label.astype(np.int64)],
    )
    return (beats.sequences, beats.target) if return_X_y else beats


def _read_table(path: Path) -> NDArray[np.float32]:
    """Return the rows of the file, shape (n_samples, 188)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # numpy only warns about an empty file
            table: NDArray[np.float32] = np.loadtxt(
                path, delimiter=",", dtype=np.float32, ndmin=2, comments=None
            )
    except ValueError as error:
        _raise_for_bad_row(path, error)
    if not table.size:
        raise InvalidSequenceError(
            f"{path} must contain one row for each beat; it is empty. Download the file again."
        )
    if table.shape[1] != _N_COLUMNS:
        _raise_for_bad_row(path, None)
    return table


def _raise_for_bad_row(path: Path, error: ValueError | None) -> NoReturn:
    """Raise for the first row that does not have 188 numbers; slow, and only for a file that cannot be read."""
    with np.lib.npyio.DataSource().open(str(path)) as file:
        for row, line in enumerate(line for line in file if line.strip()):
            cells = line.strip().split(",")
            if len(cells) != _N_COLUMNS:
                raise InvalidSequenceError(
                    f"{path}: each row must have {_N_COLUMNS} columns (187 samples and a label); got {len(cells)} "
                    f"in row {row}. Is the file complete, with commas as separators?"
                ) from error
            for column, cell in enumerate(cells):
                if not _is_number(cell):
                    raise InvalidSequenceError(
                        f"{path}: every cell must be a number; got {cell!r} in row {row}, column {column}. "
                        "The published files have neither header nor index: save with `header=False, index=False`."
                    ) from error
    raise InvalidSequenceError(f"{path} must be a table of numbers; NumPy reports: {error}.") from error


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
