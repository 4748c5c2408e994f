"""Labelled series, one after the other -> `Sequences` without padding, and labels."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NoReturn

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf.datasets._archive_lines import Line
from seqclf.datasets._archive_numbers import FloatArray
from seqclf.exceptions import InvalidSequenceError, SeqclfWarning
from seqclf.sequences import Sequences

IntArray = NDArray[np.int64]
MISSING: Final = ("error", "keep")


@dataclass(frozen=True, slots=True)
class Case:
    """A series of the file and its class, from one line."""

    line: int
    values: FloatArray  # (n_steps, n_features)
    label: str


def collect(
    path: Path,
    cases: Iterable[Case],
    *,
    missing: Literal["error", "keep"],
    times: bool = False,
    equal_length: bool = False,
) -> tuple[Sequences, NDArray[np.str_]]:
    """Return the sequences, without steps at their end that have no value, and their labels.

    `times` says whether the first feature is the time and not a dimension of the file, `equal_length` whether the header of
    the file says that the series have equal lengths.
    """
    cases = list(cases)
    if not cases:
        raise InvalidSequenceError(
            f"{path} must contain at least one series; got none. Is the file complete?"
        )
    _check_same(path, cases, "dimensions", [case.values.shape[1] - times for case in cases])
    if equal_length:
        _check_same(path, cases, "steps, as the header says", [len(case.values) for case in cases])
    lines = np.array([case.line for case in cases])
    labels = np.array([case.label for case in cases])
    series = [_without_padding(case.values) for case in cases]
    lengths = np.array(list(map(len, series)))
    if not lengths.all():
        raise InvalidSequenceError(
            f"{path}, line {lines[lengths.argmin()]}: a series must have at least one value; got missing values only. "
            "Drop the line."
        )
    padded = lines[lengths < [len(case.values) for case in cases]]
    if equal_length and padded.size:
        _warn_of_padding(path, padded)
    values = np.concatenate(series)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    bad = np.isinf(values) if missing == "keep" else ~np.isfinite(values)
    if bad.any():
        _raise_for_value(path, values, bad, offsets, lines, times)
    return Sequences(torch.from_numpy(values), torch.from_numpy(offsets)), labels


def check_label(line: Line, label: str, classes: frozenset[str], declared: str) -> str:
    """Return the label; raise unless the header declares it."""
    if label not in classes:
        shown = ", ".join(sorted(classes)[:20]) + (", ..." if len(classes) > 20 else "")
        raise line.error(
            f"the last field must be one of the classes that {declared} declares: {shown:.300}; got {label[:40]!r}. "
            "Is the line complete? If it is, correct the header."
        )
    return label


def stack(line: Line, columns: list[FloatArray]) -> FloatArray:
    """Return the columns as an array of shape (n_steps, n_features); raise unless they are equally long."""
    lengths = [len(column) for column in columns]
    if len(set(lengths)) > 1:
        bad = next(i for i, length in enumerate(lengths) if length != lengths[0])
        raise line.error(
            f"all dimensions of a series must have the same number of steps; got {lengths[0]} in dimension 1 and "
            f"{lengths[bad]} in dimension {bad + 1}. Is the line complete? If the dimensions were measured at different times, "
            "write `?` where one has no value."
        )
    return np.stack(columns, axis=1)


def _check_same(path: Path, cases: list[Case], what: str, counts: list[int]) -> None:
    """Raise unless all series have the count of the first."""
    for case, count in zip(cases, counts, strict=True):
        if count != counts[0]:
            raise InvalidSequenceError(
                f"{path}, line {case.line}: all series must have the same number of {what}; got {count}, and {counts[0]} in "
                f"line {cases[0].line}. Is the line complete?"
            )


def _without_padding(values: FloatArray) -> FloatArray:
    """Return the steps up to the last one that has a value."""
    real = np.flatnonzero(~np.isnan(values).all(axis=1))
    return values[: real[-1] + 1] if real.size else values[:0]


def _raise_for_value(
    path: Path, values: FloatArray, bad: NDArray[np.bool_], offsets: IntArray, lines: IntArray, times: bool
) -> NoReturn:
    """Raise for the first value that is missing or too large for float64."""
    at, feature = np.argwhere(bad)[0]
    row = np.searchsorted(offsets, at, side="right") - 1
    place = f"dimension {feature + 1 - times}, step {at - offsets[row] + 1}"
    if np.isinf(values[at, feature]):
        raise InvalidSequenceError(
            f"{path}, line {lines[row]}: each value must fit float64 (at most 1.8e308); got a larger one in {place}. "
            "Correct it, or write `?` for a missing value."
        )
    raise InvalidSequenceError(
        f"{path}, line {lines[row]}: each value must be known; got a missing one in {place}. Read the file with "
        '`missing="keep"`, and use an estimator with `missing="indicator"`.'
    )


def _warn_of_padding(path: Path, lines: IntArray) -> None:
    warnings.warn(
        f"{path}: {len(lines)} series end in steps without any value, the first one in line {lines[0]}, although the header "
        "says `@equalLength true`. These steps are dropped as padding. If they are padding, write `@equalLength false`; if "
        "the values are missing, fill them in.",
        SeqclfWarning,
        stacklevel=4,
    )
