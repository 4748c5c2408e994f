"""Cells -> a table, as aligned text or Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def number(value: float | None, digits: int, *, missing: str = "n/a", signed: bool = False) -> str:
    """Write a score; None and NaN as `missing`."""
    if value is None or value != value:
        return missing
    if signed:
        # Without `+ 0.0`, a small negative difference would be written as -0.00.
        return f"{round(value, digits) + 0.0:+.{digits}f}"
    return f"{value:.{digits}f}"


def aligned_table(header: Sequence[Sequence[str]], rows: Sequence[Sequence[str]]) -> str:
    """Align the first column left and the others right; `header` may have several lines."""
    widths = [max(map(len, column)) for column in zip(*header, *rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(cells)
        ).rstrip()
        for cells in (list(zip(row, widths, strict=True)) for row in (*header, *rows))
    ]
    lines.insert(len(header), "")
    return "\n".join(lines)


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a GitHub table, with the first column aligned left and the others right."""
    rule = "|" + "|".join([":--", *["--:"] * (len(header) - 1)]) + "|"
    return "\n".join([_markdown_row(header), rule, *map(_markdown_row, rows)])


def _markdown_row(cells: Sequence[str]) -> str:
    """Write one row; bars and line breaks in a cell would end it: bars are escaped, line breaks become spaces."""
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"
