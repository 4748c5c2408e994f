"""Several processes share a sweep, and one of them is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import optuna
import pytest

from seqclf.tuning import open_storage
from seqclf.tuning._state import TRIES, WORKER, is_dead, status_of

WORKER_PROCESS = Path(__file__).with_name("worker_process.py")
N_TRIALS, N_WORKERS, PATIENCE = 10, 4, 120.0


@pytest.fixture(params=["postgresql", "journal"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql"))
    return str(tmp_path / "sweep.journal")


def start(storage: str, study: str, *, n_trials: int = N_TRIALS, n_jobs: int = 1) -> subprocess.Popen[str]:
    command = [sys.executable, str(WORKER_PROCESS), storage, study, str(n_trials), str(n_jobs)]
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


def processes_of(storage: str, study: str) -> dict[int, Any]:
    """Wait until two processes are within a trial; return these by process."""
    opened, end = open_storage(storage), time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if study in optuna.get_all_study_names(opened):
            trials = optuna.load_study(study_name=study, storage=opened).get_trials()
            running = [t for t in trials if t.state.name == "RUNNING" and WORKER in t.user_attrs]
            found = {trial.user_attrs[WORKER]["pid"]: trial for trial in running}
            if len(found) == 2:
                return found
        time.sleep(0.02)
    raise AssertionError("no two processes were seen at work")


def n_trials_of(storage: str, study: str) -> int:
    return len(optuna.load_study(study_name=study, storage=open_storage(storage)).get_trials())


def is_running(pid: int) -> bool:
    """Return whether a process is there, and not only waits to be counted as dead."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def test_ctrl_c_ends_the_processes_of_a_sweep_and_keeps_what_they_did(tmp_path: Path) -> None:
    storage = str(tmp_path / "sweep.journal")
    whole = start(storage, "stopped", n_trials=1000, n_jobs=2)
    try:
        processes = processes_of(storage, "stopped")
        whole.send_signal(signal.SIGINT)  # to the process that waits alone, as a notebook does
        out, err = whole.communicate(timeout=PATIENCE)
    finally:
        whole.kill()
        whole.communicate()
    assert whole.returncode == 0, err
    assert "The sweep was interrupted" in err
    end = time.monotonic() + PATIENCE
    while any(map(is_running, processes)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(is_running, processes))
    trials = optuna.load_study(study_name="stopped", storage=open_storage(storage)).get_trials()
    assert not [trial for trial in trials if trial.state.name in ("RUNNING", "WAITING")]
    assert not [trial for trial in trials if is_dead(trial)]  # to be ended is no crash
    assert [status_of(trial) for trial in trials].count("interrupted") >= 1
    assert int(out.split()[0]) == sum(trial.state.name == "COMPLETE" for trial in trials)


def test_a_killed_process_of_a_sweep_is_replaced_and_the_other_goes_on(tmp_path: Path) -> None:
    storage = str(tmp_path / "sweep.journal")
    whole = start(storage, "replaced", n_jobs=2)
    try:
        processes = processes_of(storage, "replaced")
        dying = min(processes)
        os.kill(dying, signal.SIGKILL)
        out, err = whole.communicate(timeout=PATIENCE)
    finally:
        whole.kill()
        whole.communicate()
    assert out.split() == [str(N_TRIALS), "1"], err
    trials = optuna.load_study(study_name="replaced", storage=open_storage(storage)).get_trials()
    assert [trial.number for trial in trials if is_dead(trial)] == [processes[dying].number]
    by = [trial.user_attrs[WORKER]["pid"] for trial in trials]
    assert len(set(by)) == 3
    assert by.count(max(processes)) > 1


def test_processes_whose_sweep_was_killed_begin_no_other_trial(tmp_path: Path) -> None:
    storage = str(tmp_path / "sweep.journal")
    whole = start(storage, "orphaned", n_trials=1000, n_jobs=2)
    processes: dict[int, Any] = {}
    try:
        processes = processes_of(storage, "orphaned")
        whole.send_signal(signal.SIGKILL)
        whole.wait(PATIENCE)
        begun = n_trials_of(storage, "orphaned")
        end = time.monotonic() + PATIENCE
        while any(map(is_running, processes)) and time.monotonic() < end:
            time.sleep(0.05)
        assert not any(map(is_running, processes))
    finally:
        whole.kill()
        for pid in filter(is_running, processes):
            os.kill(pid, signal.SIGKILL)
        whole.communicate()  # only now: they hold its pipes open
    # Each may have looked whether its sweep is there right before that was killed.
    assert n_trials_of(storage, "orphaned") <= begun + 2


def test_a_process_whose_sweep_was_killed_before_it_came_up_begins_no_trial(tmp_path: Path) -> None:
    code = f"""
from seqclf.tuning import _worker
_worker.run_trials = lambda work, study, *, watch, tick: tick() or print("trial")
_worker.open_study = lambda work, storage: None
_worker.work_in_process(None, {str(tmp_path / "sweep.journal")!r}, parent)
"""
    for parent, expected in (("__import__('os').getppid()", (0, "trial\n")), ("1234567", (1, ""))):
        command = [sys.executable, "-c", code.replace("parent)", f"{parent})")]
        ended = subprocess.run(command, capture_output=True, text=True)
        assert (ended.returncode, ended.stdout) == expected, ended.stderr
