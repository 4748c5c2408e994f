"""Values of a series in pairs `(time,value)` -> the times, as numbers, and the values."""

from __future__ import annotations

import re
from operator import methodcaller
from typing import Final

import numpy as np

from seqclf.datasets._archive_lines import Line
from seqclf.datasets._archive_numbers import FloatArray, read_numbers

END_OF_DIMENSION: Final = re.compile(r"(?<=\))\s*:")  # dates contain colons, too
_BETWEEN_PAIRS: Final = re.compile(r"\)\s*,\s*\(")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class TimedSeries:
    """Reads the series of a file, whose times must be of one kind: numbers, or dates."""

    def __init__(self) -> None:
        self._dates: bool | None = None

    def read(self, line: Line, dimensions: list[str]) -> list[FloatArray]:
        """Return the times that all dimensions share, followed by the values of each dimension.

        Dates become seconds since 1970-01-01 00:00:00.
        """
        columns: list[FloatArray] = []
        for dimension, text in enumerate(dimensions, start=1):
            cells, values = _split_pairs(line, text.strip(), dimension)
            times = self._read_times(line, cells, dimension)
            if not columns:
                columns.append(times)
            elif not np.array_equal(times, columns[0]):
                raise line.error(
                    f"all dimensions of a series must have the same times; got others in dimension {dimension} than in "
                    "dimension 1. Write `?` for values that were not measured at a time."
                )
            columns.append(read_numbers(line, values, ",", dimension=dimension))
        return columns

    def _read_times(self, line: Line, cells: list[str], dimension: int) -> FloatArray:
        if self._dates is None:
            self._dates = _DATE.fullmatch(cells[0]) is not None
        times = _converted(cells, self._dates)
        if times is None:
            step = next(step for step, cell in enumerate(cells) if _converted([cell], self._dates) is None)
            kind = "date, as 2007-01-31 12:30:00" if self._dates else "finite number"
            raise line.error(
                f"each time must be a {kind}, like the first time of the file; got {cells[step][:40]!r} in dimension "
                f"{dimension}, step {step + 1}. Correct the line, or write all times in one form."
            )
        return times


def _split_pairs(line: Line, text: str, dimension: int) -> tuple[list[str], str]:
    """Return the texts of the times, and the values separated by commas."""
    if not (text.startswith("(") and text.endswith(")")):
        raise line.error(
            f"with `@timeStamps true`, each value must stand in a pair `(time,value)`; got {text[:40]!r} in dimension "
            f"{dimension}. Correct the line, or write `@timeStamps false`."
        )
    pairs = _BETWEEN_PAIRS.split(text[1:-1])
    commas = list(map(methodcaller("count", ","), pairs))
    if set(commas) != {1}:
        step = next(step for step, count in enumerate(commas) if count != 1)
        raise line.error(
            f"each pair must hold a time and a value, separated by a comma; got {f'({pairs[step]})':.40} in dimension "
            f"{dimension}, step {step + 1}. Correct the line."
        )
    cells = ",".join(pairs).split(",")
    return list(map(str.strip, cells[::2])), ",".join(cells[1::2])


def _converted(cells: list[str], dates: bool) -> FloatArray | None:
    """Return the times as numbers, or None if one of them is not of the right kind."""
    # Both conversions read more than a file should contain: `1_000`, `now`, a year alone.
    if not all(map((_DATE if dates else _NUMBER).fullmatch, cells)):
        return None
    try:
        if dates:
            return np.array(cells, dtype="datetime64[us]").astype(np.int64) / 1e6
        times = np.array(cells, dtype=np.float64)
    except ValueError:  # no such day
        return None
    return times if np.isfinite(times).all() else None
