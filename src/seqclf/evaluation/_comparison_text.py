"""Comparison -> text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqclf.evaluation._tables import aligned_table, markdown_table, number

if TYPE_CHECKING:
    from seqclf.evaluation._comparison import Comparison

_DASH = "-"


def comparison_text(comparison: Comparison, digits: int) -> str:
    """Write the figures and, where there are references, the differences below."""
    tables = [aligned_table(_two_lines("samples", comparison.columns), _value_rows(comparison, digits))]
    differences = _difference_rows(comparison, digits)
    if differences:
        tables += [
            "Difference from the reference",
            aligned_table(_two_lines("reference", comparison.columns), differences),
        ]
    return "\n\n".join(tables)


def comparison_markdown(comparison: Comparison, digits: int) -> str:
    """Write the same as Markdown tables."""
    tables = [markdown_table(["model", "samples", *comparison.columns], _value_rows(comparison, digits))]
    differences = _difference_rows(comparison, digits)
    if differences:
        header = ["model", "reference", *comparison.columns]
        tables += ["Difference from the reference:", markdown_table(header, differences)]
    return "\n\n".join(tables)


def _value_rows(comparison: Comparison, digits: int) -> list[list[str]]:
    """Write a row for each model."""
    return [
        [name, _DASH if n is None else str(n), *(number(value, digits, missing=_DASH) for value in row)]
        for name, n, row in zip(
            comparison.models, comparison.n_samples, comparison.values.tolist(), strict=True
        )
    ]


def _difference_rows(comparison: Comparison, digits: int) -> list[list[str]]:
    """Write a row for each model that has a reference."""
    rows = zip(comparison.models, comparison.references, comparison.differences.tolist(), strict=True)
    return [
        [name, reference, *(number(value, digits, missing=_DASH, signed=True) for value in row)]
        for name, reference, row in rows
        if reference is not None
    ]


def _two_lines(second: str, columns: tuple[str, ...]) -> list[list[str]]:
    """Break long titles after their first word: `macro precision` needs the width of `precision` only."""
    pairs = [column.split(" ", 1) if " " in column else ["", column] for column in columns]
    return [["", "", *(pair[0] for pair in pairs)], ["", second, *(pair[1] for pair in pairs)]]
