"""Measure the overhead of a sweep, and the time that pruning saves.

    python -m benchmarks.sweeps

First, a sweep of 12 short trials on 300 simulated beats with each storage and tracker, interleaved, three times each, in a new process.
*start* is the time until the first trial begins, imports included; *per trial* is the time per trial after that, training (the same
for all) included; memory is the peak of a single process. With SEQCLF_POSTGRESQL, the URL of a database, PostgreSQL is included.

Then 40 trials on 20,000 simulated beats in two processes, with and without pruning: the same space and seed, for each of several seeds.
The order in which processes draw differs between runs, and so do the trials; the best of 40 scores on 4,000 beats is itself noisy. Read
the median over the seeds.

Writes `results/bench_sweeps.json` after each part and each seed. Earlier seeds are kept if they had the same numbers of beats and trials.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from seqclf import GRUClassifier
from seqclf.datasets import make_heartbeats
from seqclf.tuning import IntRange, LogUniform, SweepResult, sweep

RESULTS = Path(__file__).resolve().parents[2] / "results"
WAYS: dict[str, dict[str, Any]] = {
    "in memory": {},
    "journal file": {"storage": "journal"},
    "journal file, two processes": {"storage": "journal", "n_jobs": 2},
    "PostgreSQL": {"storage": "postgresql"},
    "in memory, CsvTracker": {"tracker": "csv"},
    "in memory, TensorBoardTracker": {"tracker": "tensorboard"},
    "in memory, MlflowTracker": {"tracker": "mlflow"},
    "in memory, WandbTracker, offline": {"tracker": "wandb"},
}
SPACE = {
    "hidden_size": IntRange(16, 64, step=16),
    "num_layers": IntRange(1, 2),
    "lr": LogUniform(1e-3, 5e-2),
}
BEATS, TRIALS, EPOCHS = 20_000, 40, 9
PRUNERS = {"halving": "halving", "none": None}


def measure_ways(repetitions: int) -> dict[str, dict[str, float]]:
    """Return the median seconds and megabytes of each way to run a sweep."""
    chosen = {
        name: way
        for name, way in WAYS.items()
        if way.get("storage") != "postgresql" or "SEQCLF_POSTGRESQL" in os.environ
    }
    seen: dict[str, list[dict[str, float]]] = {name: [] for name in chosen}
    for repetition in range(repetitions):
        for name, way in chosen.items():
            command = [sys.executable, "-m", "benchmarks.sweeps.one_way", json.dumps(way), str(repetition)]
            started = time.time()
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            figures = json.loads(printed.splitlines()[-1])
            figures["start_seconds"] = figures.pop("first_trial_at") - started
            seen[name].append(figures)
            print(name, figures, flush=True)
    return {
        name: {figure: median(run[figure] for run in runs) for figure in runs[0]}
        for name, runs in seen.items()
    }


def measure_pruning(n_beats: int, n_trials: int, seed: int) -> dict[str, Any]:
    """Return seconds and best scores with and without pruning."""
    X, y = make_heartbeats(n_beats, random_state=0, return_X_y=True)
    pair = {name: _sweep_once(X, y, n_trials, pruner, seed) for name, pruner in PRUNERS.items()}
    share = pair["halving"]["seconds"] / pair["none"]["seconds"]
    lost = pair["none"]["best_score"] - pair["halving"]["best_score"]
    print(f"seed {seed}: {share:.0%} of the time, best score lower by {lost:.4f}", flush=True)
    return {"seed": seed, **pair}


def _sweep_once(X: Any, y: Any, n_trials: int, pruner: Any, seed: int) -> dict[str, Any]:
    started = time.perf_counter()
    result: SweepResult = sweep(
        GRUClassifier(max_epochs=EPOCHS),
        SPACE,
        X,
        y,
        n_trials=n_trials,
        pruner=pruner,
        n_jobs=2,
        random_state=seed,
        refit=False,
    )
    found = {
        "seconds": time.perf_counter() - started,
        "best_score": result.best_score,
        "best_params": result.best_params,
        "epochs": sum(len(trial.intermediate_values) for trial in result.trials),
        "statuses": [trial.status for trial in result.trials],
        "scores": [[round(score, 4) for score in trial.intermediate_values] for trial in result.trials],
    }
    print(pruner, {name: found[name] for name in ("seconds", "best_score", "epochs")}, flush=True)
    return found


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description="Measure the cost of sweeps.")
    parser.add_argument("--parts", nargs="+", default=["ways", "pruning"], choices=["ways", "pruning"])
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--beats", type=int, default=BEATS)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    options = parser.parse_args()
    path = RESULTS / "bench_sweeps.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    found |= {
        "command": "python -m benchmarks.sweeps",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }
    if "ways" in options.parts:
        found["ways"] = measure_ways(options.repetitions)
        path.write_text(json.dumps(found, indent=1) + "\n")
    if "pruning" in options.parts:
        size = {"n_beats": options.beats, "n_trials": options.trials, "max_epochs": EPOCHS, "n_jobs": 2}
        known = found.get("pruning", {})
        runs = {run["seed"]: run for run in known.get("runs", [])} if known.items() >= size.items() else {}
        for seed in options.seeds:
            runs[seed] = measure_pruning(options.beats, options.trials, seed)
            found["pruning"] = {"runs": [runs[seed] for seed in sorted(runs)], **size}
            path.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
