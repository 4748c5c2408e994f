"""The figures in the text of the pages on early decisions and on occlusion, read from the committed results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path(__file__).parents[2] / "results"


def early() -> dict[str, str]:
    """Return the figures of both pages, by name."""
    measured = json.loads((RESULTS / "early" / "early.json").read_text())
    chosen = json.loads((RESULTS / "early" / "choice.json").read_text())
    explained = json.loads((RESULTS / "explain" / "occlusion.json").read_text())
    rows = measured["models"]
    return {
        "early_n_train": f"{measured['n_train']:,}",
        "early_n_test": f"{measured['n_test']:,}",
        "early_n_valid": f"{chosen['n_valid']:,}",
        "early_seeds": str(len(measured["seeds"])),
        **{
            f"early_{key}_{share}": f"{at(rows[key], share, 'macro_f1'):.2f}"
            for key in rows
            for share in (30, 50, 100)
        },
        **{
            f"early_{key}_threshold_read": f"{np.median(at_threshold(rows[key], 'share_read')):.0%}"
            for key in rows
        },
        **{
            f"early_{key}_threshold_f1": f"{np.median(at_threshold(rows[key], 'macro_f1')):.2f}"
            for key in rows
        },
        **{
            f"early_read_{name}": f"{np.median([one[name] for one in at_threshold(rows['prefix'], 'share_read_per_class')]):.0%}"
            for name in measured["classes"]
        },
        "explain_n_train": f"{explained['n_train']:,}",
        "explain_accuracy": f"{explained['accuracy']:.3f}",
        **{
            f"explain_drop_{name}": f"{beat['largest_drop']:.1f}" for name, beat in explained["beats"].items()
        },
        "explain_least_correlation": f"{min(correlations(explained)):.2f}",
        "explain_most_correlation": f"{max(correlations(explained)):.2f}",
    }


def at(row: Any, percent: int, score: str) -> float:
    """Return a score after this share of the sequence, median over the runs."""
    values = [
        next(one[score] for one in run["test"]["at_shares"] if round(100 * one["value"]) == percent)
        for run in row["runs"]
    ]
    return float(np.median(values))


def at_threshold(row: Any, score: str) -> list[Any]:
    """Return a score of each run at the threshold that was chosen on its validation set."""
    return [
        next(one[score] for one in run["test"]["at_thresholds"] if one["value"] == run["threshold"])
        for run in row["runs"]
    ]


def correlations(explained: Any) -> list[float]:
    """Return, for each beat, the median rank correlation with its controls."""
    return [float(np.median(beat["correlations"])) for beat in explained["beats"].values()]
