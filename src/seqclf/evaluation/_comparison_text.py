"""Rows of scores -> text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from seqclf.evaluation._tables import aligned_table, markdown_table, number

Row: TypeAlias = tuple[str, str, list[float]]
"""Model, then its number of samples or its reference, then a score for each column (NaN where unknown)."""

UNKNOWN = "-"


def comparison_text(
    columns: tuple[str, ...], scores: Iterable[Row], differences: Iterable[Row], digits: int
) -> str:
    """Write the scores and, if there are any, the differences from the reference below."""
    tables = [aligned_table(_two_lines("samples", columns), _cells(scores, digits))]
    signed = _cells(differences, digits, signed=True)
    if signed:
        tables += ["Difference from the reference", aligned_table(_two_lines("reference", columns), signed)]
    return "\n\n".join(tables)


def comparison_markdown(
    columns: tuple[str, ...], scores: Iterable[Row], differences: Iterable[Row], digits: int
) -> str:
    """Write the same as Markdown tables."""
    tables = [markdown_table(["model", "samples", *columns], _cells(scores, digits))]
    signed = _cells(differences, digits, signed=True)
    if signed:
        header = ["model", "reference", *columns]
        tables += ["Difference from the reference:", markdown_table(header, signed)]
    return "\n\n".join(tables)


def _cells(rows: Iterable[Row], digits: int, *, signed: bool = False) -> list[list[str]]:
    return [
        [model, second, *(number(value, digits, missing=UNKNOWN, signed=signed) for value in values)]
        for model, second, values in rows
    ]


def _two_lines(second: str, columns: tuple[str, ...]) -> list[list[str]]:
    """Break titles after their first word, so that `macro precision` is no wider than `precision`."""
    pairs = [column.split(" ", 1) if " " in column else ["", column] for column in columns]
    return [["", "", *(pair[0] for pair in pairs)], ["", second, *(pair[1] for pair in pairs)]]
