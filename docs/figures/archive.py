"""The figures of docs/beyond_heartbeats.md, read from the committed results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "results" / "archive"
MINIROCKET = "aeon MiniRocketClassifier"


def archive() -> dict[str, str]:
    """Return the figures of the page, by name."""
    runs = json.loads((RESULTS / "archive.json").read_text())["runs"]
    published = json.loads((ROOT / "examples" / "archive_published.json").read_text())["accuracy"]
    peers = json.loads((RESULTS / "peers.json").read_text())["runs"]
    names = sorted(runs["classifier"])
    classifier, ensemble = (
        {name: median(runs[key][name]) for name in names} for key in ("classifier", "ensemble")
    )
    seven = [name for name in names if published[name]["ROCKET"] is not None]
    minirocket = {name: median(peers[MINIROCKET][name]) for name in names}
    seconds = [median(runs["ensemble"][name], "fit_seconds") for name in names]
    return {
        "archive_sets": str(len(names)),
        "archive_seeds": str(len(runs["classifier"][names[0]])),
        "archive_classifier": f"{mean(classifier):.3f}",
        "archive_ensemble": f"{mean(ensemble):.3f}",
        "archive_inception": f"{np.mean([published[name]['InceptionTime'] for name in names]):.3f}",
        "archive_seven": str(len(seven)),
        "archive_ensemble_seven": f"{np.mean([ensemble[name] for name in seven]):.3f}",
        "archive_rocket": f"{np.mean([published[name]['ROCKET'] for name in seven]):.3f}",
        "archive_preprint": f"{np.mean([published[name]['ROCKET (preprint)'] for name in seven]):.3f}",
        "archive_minirocket": f"{mean(minirocket):.3f}",
        "archive_plaid": f"{ensemble['PLAID']:.3f}",
        "archive_plaid_minirocket": f"{minirocket['PLAID']:.3f}",
        "archive_longest": f"{max(seconds) / 60:.1f}",
        "archive_wins": str(sum(ensemble[name] > minirocket[name] for name in names)),
    }


def median(runs: Mapping[str, Any], value: str = "accuracy") -> float:
    """Return the median over seeds; NaN where no run was finished."""
    found = [run[value] for run in runs.values() if value in run]
    return float(np.median(found)) if found else float("nan")


def mean(values: Mapping[str, float]) -> float:
    """Return the mean over sets."""
    return float(np.mean([*values.values()]))
