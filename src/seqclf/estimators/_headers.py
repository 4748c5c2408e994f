"""Names of columns that reveal a file which was read with the wrong header or index."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

# pandas appends ".1", ".2" and so on to names that occur twice.
_NUMBER = re.compile(r"([-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)(?:\.\d+)?")


def header_of_numbers(names: Sequence[str] | None) -> str | None:
    """Return a warning if the names of steps are the numbers of a row; names that ascend may be times or indices."""
    found = [_NUMBER.fullmatch(name) for name in names or ()]
    if names is None or len(names) < 2 or not all(found):
        return None
    numbers = [float(one[1]) for one in found if one is not None]
    ascend = all(a < b for a, b in pairwise(numbers))
    if ascend or all(name.isdecimal() for name in names):
        return None
    return (
        f"The names of the columns of X are numbers that do not ascend: {', '.join(names[:3])}, ... The first row was probably "
        "read as a header, and is missing from the samples. Read the file with `pandas.read_csv(path, header=None)`."
    )


def column_of_row_numbers(names: Sequence[str] | None) -> str | None:
    """Return a warning if a column has the name that pandas gives to the index of a file."""
    if "Unnamed: 0" not in (names or ()):
        return None
    return (
        "X has a column 'Unnamed: 0', as pandas calls a column without a name: it probably holds the row numbers that `to_csv` wrote, and "
        "would be read as values. Read the file with `pandas.read_csv(path, index_col=0)`, or rename the column if it is meant."
    )
