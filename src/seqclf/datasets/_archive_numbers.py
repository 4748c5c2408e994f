"""Values of a dimension, as text -> numbers, with NaN for those that are missing."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from seqclf.datasets._archive_lines import Line

FloatArray = NDArray[np.float64]
# Python's `float` also reads `1_000`, `infinity` and digits of other scripts.
_SIGNS: Final = b"0123456789+-.eEnNaA? \t"


def read_numbers(line: Line, text: str, separator: str, *, dimension: int = 1) -> FloatArray:
    """Return the numbers of a dimension; `?` and NaN are missing."""
    numbers = _converted(text, separator)
    if numbers is None:
        cells = text.split(separator)
        step = next(i for i, cell in enumerate(cells) if _converted(cell, separator) is None)
        raise line.error(
            f"each value must be a number, or `?` or NaN if it is missing; got {cells[step][:40]!r} in dimension "
            f"{dimension}, step {step + 1}. {_advice(cells[step], separator)}"
        )
    return numbers


def _converted(text: str, separator: str) -> FloatArray | None:
    """Return the numbers, or None if a cell is not a number."""
    if not text.isascii() or text.encode().translate(None, _SIGNS + separator.encode()):
        return None
    try:
        return np.array(text.replace("?", "nan").split(separator), dtype=np.float64)
    except ValueError:
        return None


def _advice(cell: str, separator: str) -> str:
    if not cell.strip():
        return "Write `?` for a missing value."
    if any(other in cell for other in "\t,; "):
        return f"Separate values with {'tabs' if separator != ',' else 'commas'}."
    return "Correct the value, or download the file again."
