"""A sweep in a process of `test_processes.py`; each of its processes waits at a `Gate`.

python worker_process.py FOLDER STORAGE STUDY N_TRIALS N_JOBS FIT
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from seqclf import GRUClassifier
from seqclf.tuning import LogUniform, open_storage, sweep
from tuning.gate import Gate


def main() -> None:
    # A shell without job control starts background processes, such as tests under nohup, with Ctrl-C ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder, storage, study, n_trials, n_jobs, fit = sys.argv[1:]
    gate = Gate(Path(folder), int(fit))
    result = sweep(
        GRUClassifier(hidden_size=2, max_epochs=1, callbacks=[gate]),
        {"lr": LogUniform(1e-4, 1e-1)},
        [[0.1, 0.9], [0.9, 0.1]] * 10,
        ["up", "down"] * 10,
        n_trials=int(n_trials),
        n_jobs=int(n_jobs),
        storage=open_storage(storage, heartbeat=100),  # stale after 300 s, which a busy worker never needs
        study_name=study,
        pruner=None,
        refit=False,
    )
    statuses = [trial.status for trial in result.trials]
    sys.stdout.write(f"{statuses.count('complete')} {statuses.count('failed')}\n")


if __name__ == "__main__":
    main()
