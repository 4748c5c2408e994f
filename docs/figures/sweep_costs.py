"""The figures in the text of docs/howto/sweeps.md, measured by `python -m benchmarks.sweeps`."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median

MEASURED = Path(__file__).parents[2] / "results" / "bench_sweeps.json"


def sweep_costs() -> dict[str, str]:
    """Return the figures of the page, by name: medians over the seeds."""
    pruning = json.loads(MEASURED.read_text())["pruning"]
    runs = pruning["runs"]
    found = {
        "cost_trials": str(pruning["n_trials"]),
        "cost_beats": f"{pruning['n_beats']:,}",
        "cost_seeds": "one seed" if len(runs) == 1 else f"medians of {len(runs)} seeds",
        "cost_share": f"{median(run['halving']['seconds'] / run['none']['seconds'] for run in runs):.0%}",
    }
    for short, name in {"early": "halving", "full": "none"}.items():
        found[f"cost_{short}_minutes"] = f"{median(run[name]['seconds'] for run in runs) / 60:.0f}"
        found[f"cost_{short}_best"] = f"{median(run[name]['best_score'] for run in runs):.3f}"
    lost = [run["none"]["best_score"] - run["halving"]["best_score"] for run in runs]
    found["cost_below"], found["cost_above"] = f"{max(lost):.3f}", f"{-min(lost):.3f}"
    return found
