"""The tables of docs/which_one.md, from the committed comparison of sizes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SIZES = Path(__file__).parents[2] / "results" / "mitbih" / "sizes.json"
HEADER = "| | macro F1 | accuracy | seconds to train |\n|---|---:|---:|---:|\n"
SHOWN = ("gru_32x2", "gru_64x2", "gru_64x3", "gru_128x2", "gru_64x2_bidirectional", "gru_128x3_bidirectional")


def which() -> dict[str, str]:
    """Return both tables as Markdown."""
    rows: dict[str, Any] = json.loads(SIZES.read_text())
    packing: dict[str, Any] = json.loads((SIZES.parents[1] / "packing" / "packing.json").read_text())
    best = [
        max((key for key in rows if key.startswith(f"{cell}_")), key=lambda key: rows[key]["macro_f1"])
        for cell in ("gru", "lstm", "rnn")
    ]
    return {
        "which_cells": HEADER + "\n".join(line(rows[key]) for key in best),
        "which_sizes": HEADER + "\n".join(line(rows[key]) for key in SHOWN),
        "packing_train": f"{packing['n_train']:,}",
    }


def line(row: dict[str, Any]) -> str:
    """Return one row of a table."""
    (run,) = row["runs"]
    return f"| {row['title']} | {row['macro_f1']:.3f} | {row['accuracy']:.3f} | {run['fit_seconds']:.0f} |"
