"""Several processes share a sweep, and one of them is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import optuna
import pytest

from seqclf.tuning import open_storage
from seqclf.tuning._state import TRIES, WORKER, is_dead

WORKER_PROCESS = Path(__file__).with_name("worker_process.py")
N_TRIALS, N_WORKERS, PATIENCE = 10, 4, 120.0


@pytest.fixture(params=["postgresql", "journal"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql"))
    return str(tmp_path / "sweep.journal")


def start(storage: str, study: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(WORKER_PROCESS), storage, study, str(N_TRIALS)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def in_mid_trial(storage: str, study: str, pid: int) -> Any:
    """Wait until a process is within a trial, and return that."""
    opened, end = open_storage(storage), time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if study in optuna.get_all_study_names(opened):
            for trial in optuna.load_study(study_name=study, storage=opened).get_trials():
                ours = trial.user_attrs.get(WORKER, {}).get("pid") == pid
                if ours and trial.state.name == "RUNNING" and 1 <= len(trial.intermediate_values) <= 3:
                    return trial
        time.sleep(0.02)
    raise AssertionError("no trial of the process was seen running")


def test_a_killed_process_loses_no_trial_and_none_is_done_twice(storage: str) -> None:
    study = "killed"
    workers = [start(storage, study) for _ in range(N_WORKERS)]
    try:
        dying = in_mid_trial(storage, study, workers[0].pid)
        workers[0].send_signal(signal.SIGKILL)
        ended = [worker.communicate(timeout=PATIENCE) for worker in workers[1:]]
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
    assert [worker.returncode for worker in workers[1:]] == [0] * 3, ended

    trials = optuna.load_study(study_name=study, storage=open_storage(storage)).get_trials()
    complete = [trial for trial in trials if trial.state.name == "COMPLETE"]
    assert len(complete) == N_TRIALS
    assert len({trial.params["lr"] for trial in complete}) == N_TRIALS
    assert not [trial for trial in trials if trial.state.name in ("RUNNING", "WAITING")]
    (dead,) = [trial for trial in trials if is_dead(trial)]
    assert dead.number == dying.number
    (again,) = [trial for trial in complete if trial.params == dying.params]
    assert again.user_attrs[TRIES] == 2
    # Each process that lived waited for the others, and tells the whole sweep.
    assert [out.split() for out, _ in ended] == [[str(N_TRIALS), "1"]] * 3
    assert len({trial.user_attrs[WORKER]["pid"] for trial in complete}) >= 3
