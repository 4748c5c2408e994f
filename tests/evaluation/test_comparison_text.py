"""As text and as Markdown, unknown scores are dashes and differences are signed."""

from __future__ import annotations

from seqclf.evaluation import PublishedFigures, compare

TABLE = compare(
    {
        "GRU": PublishedFigures(accuracy=0.98, macro={"f1": 0.9}, n_samples=100),
        "LSTM": PublishedFigures(accuracy=0.96),
    },
    reference="GRU",
)


def test_text() -> None:
    assert str(TABLE).split("\n") == [
        "                             macro   macro  macro  weighted",
        "      samples  accuracy  precision  recall     F1        F1",
        "",
        "GRU       100     0.980          -       -  0.900         -",
        "LSTM        -     0.960          -       -      -         -",
        "",
        "Difference from the reference",
        "",
        "                               macro   macro  macro  weighted",
        "      reference  accuracy  precision  recall     F1        F1",
        "",
        "LSTM        GRU    -0.020          -       -      -         -",
    ]


def test_markdown() -> None:
    assert TABLE.to_markdown(digits=2).split("\n") == [
        "| model | samples | accuracy | macro precision | macro recall | macro F1 | weighted F1 |",
        "|:--|--:|--:|--:|--:|--:|--:|",
        "| GRU | 100 | 0.98 | - | - | 0.90 | - |",
        "| LSTM | - | 0.96 | - | - | - | - |",
        "",
        "Difference from the reference:",
        "",
        "| model | reference | accuracy | macro precision | macro recall | macro F1 | weighted F1 |",
        "|:--|--:|--:|--:|--:|--:|--:|",
        "| LSTM | GRU | -0.02 | - | - | - | - |",
    ]


def test_without_a_reference_there_is_one_table() -> None:
    table = compare({"GRU": PublishedFigures(accuracy=0.98)})
    assert "Difference" not in str(table)
    assert "Difference" not in table.to_markdown()


def test_digits() -> None:
    assert "0.9800" in TABLE.to_text(digits=4)
