"""The figures of docs/beyond_heartbeats.md, read from the committed results."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "results" / "archive"
MINIROCKET = "aeon MiniRocketClassifier"
PEERS = {
    "aeon MiniRocketClassifier": "aeon `MiniRocketClassifier`, padded",
    "aeon MiniRocketClassifier (Resizer)": "aeon `MiniRocketClassifier`, stretched",
    "tsai LSTM": "tsai `LSTM`",
    "tsai GRU": "tsai `GRU`",
    "sktime GRUClassifier": "sktime `GRUClassifier`",
    "sktime SimpleRNNClassifierTorch": "sktime `SimpleRNNClassifierTorch`",
}


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
        "archive_peers": peer_table(peers, names, classifier, ensemble),
    }


def median(runs: Mapping[str, Any], value: str = "accuracy") -> float:
    """Return the median over seeds; NaN where no run was finished."""
    found = [run[value] for run in runs.values() if value in run]
    return float(np.median(found)) if found else float("nan")


def breakable(name: str) -> str:
    """Return a name that a narrow column may break between its words, by soft hyphens."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "\u00ad", name)


def mean(values: Mapping[str, float]) -> float:
    """Return the mean over sets."""
    return float(np.mean([*values.values()]))


def peer_table(
    peers: Mapping[str, Any], names: list[str], classifier: Mapping[str, float], ensemble: Mapping[str, float]
) -> str:
    """Return the accuracies of other libraries as Markdown, a row for each; a set that was not run has none."""
    rows = {"`SequenceEnsemble()`": ensemble, "`GRUClassifier(bidirectional=True)`": classifier}
    for key, title in PEERS.items():
        if key in peers:
            rows[title] = {name: median(peers[key].get(name, {})) for name in names}
    lines = [f"| | {' | '.join(map(breakable, names))} |", "|---|" + "---:|" * len(names)]
    for title, values in rows.items():
        cells = ["-" if np.isnan(values[name]) else f"{values[name]:.3f}" for name in names]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)
