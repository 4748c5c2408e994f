"""One of the processes of `test_processes.py`: a sweep whose trials take their time.

python worker_process.py STORAGE STUDY N_TRIALS N_JOBS
"""

from __future__ import annotations

import sys
import time

from seqclf import GRUClassifier
from seqclf.datasets import make_heartbeats
from seqclf.training import EpochRecord
from seqclf.tuning import LogUniform, open_storage, sweep


class Slow:
    """Makes an epoch last."""

    def on_epoch_end(self, record: EpochRecord) -> None:
        time.sleep(0.15)


def main() -> None:
    storage, study, n_trials, n_jobs = sys.argv[1:]
    X, y = make_heartbeats(60, class_proportions={"N": 1, "V": 1}, random_state=0, return_X_y=True)
    result = sweep(
        GRUClassifier(hidden_size=4, num_layers=1, max_epochs=5, callbacks=[Slow()]),
        {"lr": LogUniform(1e-4, 1e-1)},
        X,
        y,
        n_trials=int(n_trials),
        n_jobs=int(n_jobs),
        storage=open_storage(storage, heartbeat=2),
        study_name=study,
        pruner=None,
        refit=False,
    )
    statuses = [trial.status for trial in result.trials]
    sys.stdout.write(f"{statuses.count('complete')} {statuses.count('failed')}\n")


if __name__ == "__main__":
    main()
