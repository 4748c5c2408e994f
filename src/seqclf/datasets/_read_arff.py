"""An `.arff` file of the time series archive -> sequences and their classes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from os import PathLike
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from seqclf._checks import check_choice
from seqclf.datasets._archive_cases import MISSING, Case, check_label, collect, stack
from seqclf.datasets._archive_lines import Line, archive_lines
from seqclf.datasets._archive_numbers import read_numbers
from seqclf.datasets._arff_header import QUOTED, ArffHeader, read_arff_header, unquoted
from seqclf.sequences import Sequences

_ROW: Final = re.compile(rf"(.*),(\s*{QUOTED}|[^,'\"]*)")
_RELATIONAL_ROW: Final = re.compile(rf"({QUOTED})\s*,(\s*{QUOTED}|[^,'\"]*)")


def read_arff(
    path: str | PathLike[str], *, missing: Literal["error", "keep"] = "error"
) -> tuple[Sequences, NDArray[np.str_]]:
    r"""Read an `.arff` file of the UCR and UEA time series classification archive.

    Parameters
    ----------
    path : str or path-like
        File in UTF-8, in Weka's format, with one of two headers: a numeric attribute for each step and then the nominal
        class; or a relational attribute of numeric ones and then the class, for several dimensions.
    missing : {"error", "keep"}, default="error"
        What to do with values that are missing (`?` or NaN). "error": raise. "keep": return them as NaN, for estimators
        with `missing="indicator"`.

    Returns
    -------
    X : Sequences
        Series in the order of the file, in float64, without padding. Dimensions become features.
    y : array of shape (n_samples,) of str
        Classes, as written in the file, without quotes.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    InvalidSequenceError
        If the file is damaged or not in the format, the header contradicts the data, a value is missing (with
        `missing="error"`) or infinite, or the class is numeric. The message names the line.
    ValueError
        If `path` is not a regular file, or `missing` is not one of its choices.

    See Also
    --------
    read_ts, read_tsv : The other formats of the archive.

    Notes
    -----
    All rows of the format have the same number of values, so shorter series are padded with `?` or NaN. Steps at the end of a
    series at which all dimensions are missing are therefore dropped, with any value of `missing`. A series whose last values are
    really missing becomes too short.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from seqclf.datasets import read_arff
    >>> text = r'''@relation Steps
    ... @attribute dimensions relational
    ...   @attribute step0 numeric
    ...   @attribute step1 numeric
    ... @end dimensions
    ... @attribute target {walk,run}
    ... @data
    ... '0.1,0.2\n1.0,1.1',walk
    ... '0.7,?\n1.4,?',run
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "Steps_TRAIN.arff")
    ...     _ = path.write_text(text)
    ...     X, y = read_arff(path)
    >>> X
    Sequences(2 sequences, 2 features, lengths 1 to 2, 3 steps, float64)
    >>> y
    array(['walk', 'run'], dtype='<U4')
    """
    check_choice("missing", missing, MISSING)
    with archive_lines(path, comments=(b"%",)) as (path, lines):
        header = read_arff_header(path, lines)
        return collect(path, _read_cases(header, lines), missing=missing)


def _read_cases(header: ArffHeader, lines: Iterator[Line]) -> Iterator[Case]:
    for line in lines:
        found = (_RELATIONAL_ROW if header.relational else _ROW).fullmatch(line.text)
        if not found:
            row = "the quoted values of a series" if header.relational else "the values of a series"
            raise line.error(
                f"a row must hold {row}, a comma and the class; got {line.text[:40]!r}. Is the line complete?"
            )
        label = check_label(line, unquoted(found[2]), header.classes, "its attribute")
        # Weka writes the end of a line inside quotes as two signs, a backslash and an n.
        texts = found[1][1:-1].split(r"\n") if header.relational else [found[1]]
        columns = [read_numbers(line, text, ",", dimension=i) for i, text in enumerate(texts, start=1)]
        values = stack(line, columns)
        if len(values) != header.n_steps:
            raise line.error(
                f"each row must hold the {header.n_steps} steps that the header declares; got {len(values)}. Is the line "
                "complete? If it is, correct the header."
            )
        yield Case(line.number, values, label)
