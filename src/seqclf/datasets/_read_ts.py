"""A `.ts` file of the time series archive -> sequences and their classes."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seqclf._checks import check_choice
from seqclf.datasets._archive_cases import MISSING, Case, check_label, collect, stack
from seqclf.datasets._archive_lines import Line, archive_lines
from seqclf.datasets._archive_numbers import read_numbers
from seqclf.datasets._timestamps import END_OF_DIMENSION, TimedSeries
from seqclf.datasets._ts_header import TsHeader, read_ts_header
from seqclf.sequences import Sequences


def read_ts(
    path: str | PathLike[str], *, missing: Literal["error", "keep"] = "error"
) -> tuple[Sequences, NDArray[np.str_]]:
    """Read a `.ts` file of the UCR and UEA time series classification archive.

    Parameters
    ----------
    path : str or path-like
        File in UTF-8 with a header (`@problemName`, `@timeStamps`, `@missing`, `@univariate`, `@dimensions`, `@equalLength`,
        `@seriesLength`, `@classLabel`) and, after `@data`, one series in each line: values separated by commas,
        dimensions by colons, the class last.
    missing : {"error", "keep"}, default="error"
        What to do with values that are missing (`?` or NaN). "error": raise. "keep": return them as NaN, for estimators
        with `missing="indicator"`.

    Returns
    -------
    X : Sequences
        Series in the order of the file, in float64, without padding. Dimensions become features. If values have timestamps,
        the first feature is the time, followed by the dimensions; dates become seconds since 1970-01-01.
    y : array of shape (n_samples,) of str
        Classes, as written in the file.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    InvalidSequenceError
        If the file is damaged or not in the format, the header contradicts the data, a value is missing (with `missing="error"`) or
        infinite, the dimensions of a series differ in length or in their timestamps, or the targets are numbers. The message
        names the line.
    ValueError
        If `path` is not a regular file, or `missing` is not one of its choices.

    Warns
    -----
    SeqclfWarning
        If padding was dropped although the header says that all series have the same length.

    See Also
    --------
    read_arff, read_tsv : The other formats of the archive.

    Notes
    -----
    Some files pad series to the length of the longest with NaN. Steps at the end of a series at which all dimensions are NaN are
    therefore dropped, with any value of `missing`. A series whose last values are really missing becomes too short.

    The names of directives and `true` and `false` may be in upper or lower case, classes may not. Lines that begin with `#` or
    `%` are comments.

    References
    ----------
    .. [1] Dau HA et al. "The UCR Time Series Archive." IEEE/CAA J. Autom. Sinica 6(6):1293-1305 (2019).
       doi:10.1109/JAS.2019.1911747
    .. [2] Bagnall A et al. "The UEA multivariate time series classification archive, 2018." arXiv:1811.00075

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from seqclf.datasets import read_ts
    >>> text = '''# Two dimensions
    ... @problemName Steps
    ... @univariate false
    ... @dimensions 2
    ... @equalLength false
    ... @classLabel true walk run
    ... @data
    ... 0.1,0.2,0.1:1.0,1.1,0.9:walk
    ... 0.7,0.9,NaN:1.4,1.2,NaN:run
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "Steps_TRAIN.ts")
    ...     _ = path.write_text(text)
    ...     X, y = read_ts(path)
    >>> X
    Sequences(2 sequences, 2 features, lengths 2 to 3, 5 steps, float64)
    >>> y
    array(['walk', 'run'], dtype='<U4')
    """
    check_choice("missing", missing, MISSING)
    with archive_lines(path, comments=(b"#", b"%")) as (path, lines):
        header = read_ts_header(path, lines)
        cases = _read_cases(header, lines)
        return collect(path, cases, missing=missing, times=header.times, equal_length=header.equal_length)


def _read_cases(header: TsHeader, lines: Iterator[Line]) -> Iterator[Case]:
    timed = TimedSeries()
    for line in lines:
        *dimensions, label = END_OF_DIMENSION.split(line.text) if header.times else line.text.split(":")
        _check_dimensions(line, len(dimensions), header)
        check_label(line, label.strip(), header.classes, "`@classLabel`")
        if header.times:
            columns = timed.read(line, dimensions)
        else:
            columns = [
                read_numbers(line, text, ",", dimension=i) for i, text in enumerate(dimensions, start=1)
            ]
        values = stack(line, columns)
        if header.n_steps not in (None, len(values)):
            raise line.error(
                f"each series must have the {header.n_steps} steps of `@seriesLength`; got {len(values)}. Is the line "
                "complete? If the lengths vary, write `@equalLength false`."
            )
        yield Case(line.number, values, label.strip())


def _check_dimensions(line: Line, n_dimensions: int, header: TsHeader) -> None:
    if line.text.startswith("(") != header.times:
        raise line.error(
            f"values must stand in pairs `(time,value)` if, and only if, the header says `@timeStamps true`; got "
            f"{line.text[:40]!r}. Correct the header, or the line."
        )
    if n_dimensions == 0:
        raise line.error(
            f"a line must hold a series and its class, separated by a colon; got {line.text[:40]!r}. Is the line complete?"
        )
    if header.n_dimensions not in (None, n_dimensions):
        raise line.error(
            f"each series must have as many dimensions as the header says, {header.n_dimensions}; got {n_dimensions}. Is the "
            "line complete, with a class at its end? If it is, correct the header."
        )
