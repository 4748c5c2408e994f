"""Scores that the models must reach on simulated beats: read them, show them, check them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from runs import Row

EXPECTED = Path(__file__).with_name("expected_simulated.json")


Scores = Mapping[str, Mapping[str, float]]


def read_least(options: argparse.Namespace) -> Scores | None:
    """Return the minimum accuracy and macro F1 of each model, or None if they were measured with other options."""
    expected = json.loads(EXPECTED.read_text())
    if {name: getattr(options, name) for name in expected["options"]} != expected["options"]:
        return None
    return {
        key: {name: scores[name] - tolerance for name, tolerance in expected["tolerance"].items()}
        for key, scores in expected["models"].items()
    }


def simulated_table(rows: Mapping[str, Row], least: Scores | None) -> str:
    """Return the medians as Markdown, next to the required minimum if there is one."""
    lines = [
        "| simulated beats | accuracy | at least | macro F1 | at least | seeds | seconds to train |",
        "|---" + "|---:" * 6 + "|",
    ]
    for key, row in rows.items():
        cells = [row["title"]]
        for name in ("accuracy", "macro_f1"):
            cells += [f"{row[name]:.3f}", "" if least is None else f"{least[key][name]:.3f}"]
        seconds = float(np.median([run["fit_seconds"] for run in row["runs"]]))
        lines.append("| " + " | ".join([*cells, str(len(row["runs"])), f"{seconds:.0f}"]) + " |")
    return "\n".join(lines)


def check_least(rows: Mapping[str, Row], least: Scores) -> None:
    """Exit with an error if a score is lower than expected."""
    short = [
        f"{row['title']}: {name} must be at least {bound:.3f}; got {row[name]:.3f}."
        for key, row in rows.items()
        for name, bound in least[key].items()
        if row[name] < bound
    ]
    if short:
        sys.exit(
            "\n".join(
                [*short, f"{EXPECTED.name} holds the bounds. Did a change of the code lower these scores?"]
            )
        )
    print("Every score is as high as expected.")
