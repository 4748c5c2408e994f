"""A `.tsv` file of the time series archive -> sequences and their classes."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from seqclf._checks import check_choice
from seqclf.datasets._archive_cases import MISSING, Case, collect
from seqclf.datasets._archive_lines import Line, archive_lines
from seqclf.datasets._archive_numbers import read_numbers
from seqclf.sequences import Sequences

_TAB: Final = "\t"


def read_tsv(
    path: str | PathLike[str], *, missing: Literal["error", "keep"] = "error"
) -> tuple[Sequences, NDArray[np.str_]]:
    r"""Read a `.tsv` file of the UCR time series classification archive.

    Parameters
    ----------
    path : str or path-like
        File in UTF-8 without a header. Each line holds the class and the values of a series, separated by tabs.
    missing : {"error", "keep"}, default="error"
        What to do with values that are missing (`?` or NaN). "error": raise. "keep": return them as NaN, for estimators
        with `missing="indicator"`.

    Returns
    -------
    X : Sequences
        Series in the order of the file, with one feature, in float64, without padding.
    y : array of shape (n_samples,) of str
        Classes, as written in the file.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    InvalidSequenceError
        If the file is damaged or not in the format, lines differ in their number of columns, or a value is missing (with
        `missing="error"`) or infinite. The message names the line.
    ValueError
        If `path` is not a regular file, or `missing` is not one of its choices.

    See Also
    --------
    read_ts, read_arff : The other formats of the archive.

    Notes
    -----
    All lines of the format have the same number of columns, so shorter series are padded with NaN. NaN at the end of a line is
    therefore dropped, with any value of `missing`. A series whose last values are really missing becomes too short.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from seqclf.datasets import read_tsv
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "Steps_TRAIN.tsv")
    ...     _ = path.write_text("1\t0.1\t0.2\t0.1\n2\t0.7\t0.9\tNaN\n")
    ...     X, y = read_tsv(path)
    >>> X
    Sequences(2 sequences, 1 feature, lengths 2 to 3, 5 steps, float64)
    >>> y
    array(['1', '2'], dtype='<U1')
    """
    check_choice("missing", missing, MISSING)
    with archive_lines(path, blanks=" ") as (path, lines):
        return collect(path, _read_cases(lines), missing=missing)


def _read_cases(lines: Iterator[Line]) -> Iterator[Case]:
    first: Line | None = None
    for line in lines:
        label, tab, text = line.text.partition(_TAB)
        if not tab or not label.strip():
            raise line.error(
                "a line must hold the class and the values of a series, separated by tabs; got "
                f"{line.text[:40]!r}. Read files with a header with `read_ts` or `read_arff`."
            )
        first = first or line
        if line.text.count(_TAB) != first.text.count(_TAB):
            raise line.error(
                f"all lines must have the same number of columns; got {line.text.count(_TAB) + 1}, and "
                f"{first.text.count(_TAB) + 1} in line {first.number}. Is the line complete?"
            )
        yield Case(line.number, read_numbers(line, text, _TAB)[:, None], label.strip())
