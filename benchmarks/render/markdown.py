"""Tables of numbers in Markdown."""

from __future__ import annotations

from collections.abc import Iterable


def markdown(head: Iterable[str], rows: Iterable[Iterable[str]], *, texts: int = 1) -> str:
    """Return a table whose first `texts` columns are text and whose others are numbers."""
    head = list(head)
    lines = [head, [*["---"] * texts, *["--:"] * (len(head) - texts)], *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def times(ratio: float) -> str:
    """Return a ratio as text."""
    return f"{ratio:.1f}x"


def pair(first: float, second: float) -> str:
    """Return two ratios as text."""
    return f"{times(first)} / {times(second)}"
