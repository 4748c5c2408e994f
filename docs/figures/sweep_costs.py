"""The figures in the text of docs/howto/sweeps.md, read from what `python -m benchmarks.sweeps` measured."""

from __future__ import annotations

import json
from pathlib import Path

MEASURED = Path(__file__).parents[2] / "results" / "bench_sweeps.json"


def sweep_costs() -> dict[str, str]:
    """Return each figure of the page by its name."""
    pruning = json.loads(MEASURED.read_text())["pruning"]
    found = {
        "cost_trials": str(pruning["n_trials"]),
        "cost_beats": f"{pruning['n_beats']:,}",
    }
    names = {"early": "halving", "full": "none"}
    for short, name in names.items():
        run = pruning["runs"][name]
        found[f"cost_{short}_minutes"] = f"{run['seconds'] / 60:.0f}"
        found[f"cost_{short}_best"] = f"{run['best_score']:.3f}"
    return found
