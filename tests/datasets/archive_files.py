"""Files of the time series archive, written and read with plain loops."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Series = Sequence[NDArray[np.float64]]  # each (n_steps, n_dimensions)
Plain = tuple[list[list[list[float]]], list[str]]


def ts_text(series: Series, labels: Sequence[str], *, pad: bool = False, times: bool = False) -> str:
    """Return a `.ts` file; with `times`, the first column is the time."""
    n_dimensions = series[0].shape[1] - times
    lengths = {len(one) for one in series}
    header = [
        "# made by a test",
        "@problemName Made",
        f"@timeStamps {'true' if times else 'false'}",
        "@missing true",
        f"@univariate {'true' if n_dimensions == 1 else 'false'}",
        *([] if n_dimensions == 1 else [f"@dimensions {n_dimensions}"]),
        *(
            ["@equalLength false"]
            if len(lengths) > 1
            else ["@equalLength true", f"@seriesLength {lengths.pop()}"]
        ),
        f"@classLabel true {' '.join(sorted(set(labels)))}",
        "@data",
    ]
    rows = []
    for one, label in zip(padded(series) if pad else series, labels, strict=True):
        columns = [[number(value, "NaN") for value in column] for column in one.T]
        if times:
            columns = [
                [f"({t},{v})" for t, v in zip(columns[0], column, strict=True)] for column in columns[1:]
            ]
        rows.append(":".join([*map(",".join, columns), label]))
    return "\n".join([*header, *rows]) + "\n"


def arff_text(series: Series, labels: Sequence[str]) -> str:
    """Return an `.arff` file, padded with `?`."""
    n_steps = max(map(len, series))
    steps = [f"@attribute step{i} numeric" for i in range(n_steps)]
    relational = series[0].shape[1] > 1
    header = [
        "% made by a test",
        "@relation 'Made'",
        *(["@attribute dimensions relational", *steps, "@end dimensions"] if relational else steps),
        f"@attribute target {{{','.join(sorted(set(labels)))}}}",
        "@data",
    ]
    rows = []
    for one, label in zip(padded(series), labels, strict=True):
        text = r"\n".join(",".join(number(value, "?") for value in column) for column in one.T)
        rows.append(f"'{text}',{label}" if relational else f"{text},{label}")
    return "\n".join([*header, *rows]) + "\n"


def tsv_text(series: Series, labels: Sequence[str]) -> str:
    """Return a `.tsv` file, padded with NaN."""
    rows = [
        "\t".join([label, *(number(value, "NaN") for value in one[:, 0])])
        for one, label in zip(padded(series), labels, strict=True)
    ]
    return "\n".join(rows) + "\n"


def padded(series: Series) -> list[NDArray[np.float64]]:
    """Return the series, each padded with NaN to the length of the longest."""
    n_steps = max(map(len, series))
    return [np.pad(one, ((0, n_steps - len(one)), (0, 0)), constant_values=np.nan) for one in series]


def number(value: float, missing: str) -> str:
    return missing if math.isnan(value) else repr(float(value))


def plain_ts(text: str) -> Plain:
    """Read a `.ts` file without timestamps."""
    rows, data = [], False
    for line in _lines(text, "#%"):
        if data:
            *dimensions, label = line.split(":")
            rows.append(([dimension.split(",") for dimension in dimensions], label))
        data = data or line.lower() == "@data"
    return _plain(rows)


def plain_arff(text: str) -> Plain:
    """Read an `.arff` file whose classes contain no quotes."""
    rows, data = [], False
    for line in _lines(text, "%"):
        if data:
            cells, _, label = line.rpartition(",")
            dimensions = cells.strip().strip("'\"").split(r"\n")
            rows.append(([dimension.split(",") for dimension in dimensions], label.strip().strip("'\"")))
        data = data or line.lower() == "@data"
    return _plain(rows)


def plain_tsv(text: str) -> Plain:
    """Read a `.tsv` file."""
    rows = []
    for line in text.split("\n"):
        if line.strip():
            label, *cells = line.strip("\r ").split("\t")
            rows.append(([cells], label))
    return _plain(rows)


def _lines(text: str, comments: str) -> list[str]:
    lines = [line.strip() for line in text.removeprefix("\ufeff").split("\n")]
    return [line for line in lines if line and line[0] not in comments]


def _plain(rows: list[tuple[list[list[str]], str]]) -> Plain:
    series = []
    for dimensions, _ in rows:
        columns = [
            [math.nan if cell.strip() == "?" else float(cell) for cell in cells] for cells in dimensions
        ]
        steps = [list(step) for step in zip(*columns, strict=True)]
        while all(map(math.isnan, steps[-1])):
            steps.pop()
        series.append(steps)
    return series, [label.strip() for _, label in rows]
