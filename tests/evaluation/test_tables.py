"""Cells are aligned, and their content cannot break a Markdown row."""

from __future__ import annotations

import pytest

from seqclf.evaluation._tables import aligned_table, markdown_table, number


@pytest.mark.parametrize(
    ("value", "expected"), [(0.12345, "0.12"), (None, "n/a"), (float("nan"), "n/a"), (1.0, "1.00")]
)
def test_numbers(value: float | None, expected: str) -> None:
    assert number(value, 2) == expected


@pytest.mark.parametrize(("value", "expected"), [(0.1, "+0.10"), (-0.1, "-0.10"), (-0.001, "+0.00")])
def test_a_signed_number_is_never_negative_zero(value: float, expected: str) -> None:
    assert number(value, 2, signed=True) == expected


def test_text_is_aligned() -> None:
    table = aligned_table([["", "score"], ["name", ""]], [["a", "1.00"], ["longer", "-"]])
    assert table.split("\n") == [
        "        score",
        "name",
        "",
        "a        1.00",
        "longer      -",
    ]


def test_markdown() -> None:
    table = markdown_table(["class", "F1"], [["a|b", "1.00"], ["line\nbreak", "0.50"]])
    assert table.split("\n") == [
        "| class | F1 |",
        "|:--|--:|",
        "| a\\|b | 1.00 |",
        "| line break | 0.50 |",
    ]
