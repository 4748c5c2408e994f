"""A sweep in a process of `test_processes.py`; each of its processes waits at a `Gate`. It prints what `sweep` returned.

python worker_process.py FOLDER STORAGE STUDY N_TRIALS N_JOBS FIT
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from pathlib import Path

import torch

from seqclf import GRUClassifier, _checks
from seqclf.tuning import LogUniform, open_storage, sweep
from tuning.gate import Gate


def main() -> None:
    # A shell without job control starts background processes, such as tests under nohup, with Ctrl-C ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder, storage, study, n_trials, n_jobs, fit = sys.argv[1:]
    vars(_checks)["cpu_count"] = lambda: max(
        2, os.cpu_count() or 0
    )  # two processes on a machine with one core
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
    about = {
        "host": socket.gethostname(),
        "cores": sorted(os.sched_getaffinity(0)),
        "threads": torch.get_num_threads(),
    }
    json.dump(about | {status: statuses.count(status) for status in statuses}, sys.stdout)


if __name__ == "__main__":
    main()
