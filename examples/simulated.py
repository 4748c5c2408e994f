"""Scores that the models must reach on simulated beats: read them, show them, check them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from runs import Row

EXPECTED = Path(__file__).with_name("expected_simulated.json")


def read_expected(options: argparse.Namespace) -> dict[str, Any] | None:
    """Return the least scores of simulated beats, or None if they were measured with other options."""
    expected: dict[str, Any] = json.loads(EXPECTED.read_text())
    asked = {"beats": options.beats, "train": options.train, "epochs": options.epochs}
    return expected if asked == expected["options"] else None


def simulated_table(rows: Mapping[str, Row], expected: Mapping[str, Any] | None) -> str:
    """Return the medians as Markdown, next to the least expected scores if there are any."""
    lines = [
        "| simulated beats | accuracy | at least | macro F1 | at least | seeds | seconds to train |",
        "|---" + "|---:" * 6 + "|",
    ]
    for key, row in rows.items():
        cells = [row["title"]]
        for name in ("accuracy", "macro_f1"):
            least = "" if expected is None else f"{expected['at_least'][key][name]:.2f}"
            cells += [f"{row[name]:.3f}", least]
        seconds = float(np.median([run["fit_seconds"] for run in row["runs"]]))
        lines.append("| " + " | ".join([*cells, str(len(row["runs"])), f"{seconds:.0f}"]) + " |")
    return "\n".join(lines)


def check_expected(rows: Mapping[str, Row], expected: Mapping[str, Any]) -> None:
    """Exit with an error if a score on simulated beats is lower than expected."""
    short = [
        f"{row['title']}: {name} must be at least {least}; got {row[name]:.4f}."
        for key, row in rows.items()
        for name, least in expected["at_least"][key].items()
        if row[name] < least
    ]
    if short:
        sys.exit(
            "\n".join(
                [*short, f"These bounds are in {EXPECTED.name}. Did a change of seqclf lower the scores?"]
            )
        )
    print("Every score is at least as high as expected.")
