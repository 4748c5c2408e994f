"""Run one sweep in this process; print its time and memory as JSON.

python -m benchmarks.sweeps.one_way '{"storage": "journal"}' 0
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from seqclf import GRUClassifier
from seqclf.datasets import make_heartbeats
from seqclf.tracking import CsvTracker, MlflowTracker, TensorBoardTracker, Tracker, WandbTracker
from seqclf.training import EpochRecord
from seqclf.tuning import LogUniform, sweep

TRIALS = 12


class NoteTimes:
    """Writes the end time of each epoch to a file, from any process."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Append the end time of the epoch; for the first one, its start time."""
        with self.path.open("a") as file:
            file.write(f"{time.time() - (record.seconds if record.epoch == 1 else 0)}\n")


def main() -> None:
    """Run the sweep."""
    way, repetition = json.loads(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.chdir(folder)  # W&B writes below the current folder
        X, y = make_heartbeats(300, class_proportions={"N": 3, "V": 1}, random_state=0, return_X_y=True)
        storages: dict[str | None, Any] = {
            None: None,
            "journal": folder / "sweep.journal",
            "postgresql": os.environ.get("SEQCLF_POSTGRESQL"),
        }
        result = sweep(
            GRUClassifier(hidden_size=8, num_layers=1, max_epochs=2, callbacks=[NoteTimes(folder / "times")]),
            {"lr": LogUniform(1e-3, 1e-1)},
            X,
            y,
            n_trials=TRIALS,
            pruner=None,
            storage=storages[way.get("storage")],
            study_name=f"bench-{os.getpid()}-{repetition}",
            n_jobs=way.get("n_jobs", 1),
            trackers=trackers(way.get("tracker"), folder),
            random_state=0,
            refit=False,
        )
        ended = time.time()
        assert [trial.status for trial in result.trials] == ["complete"] * TRIALS
        first = min(float(line) for line in (folder / "times").read_text().split())
    own, child = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        json.dumps(
            {
                "first_trial_at": first,
                "seconds_per_trial": (ended - first) / TRIALS,
                "megabytes": max(own.ru_maxrss, child.ru_maxrss) / 1024,
            }
        )
    )


def trackers(name: str | None, folder: Path) -> list[Tracker]:
    """Return the tracker with this name."""
    if name == "csv":
        return [CsvTracker(folder / "runs")]
    if name == "tensorboard":
        return [TensorBoardTracker(folder / "runs")]
    if name == "mlflow":
        return [MlflowTracker(folder / "runs")]
    if name == "wandb":
        return [WandbTracker("bench", mode="offline")]
    return []


if __name__ == "__main__":
    main()
