"""Several processes share a sweep, and some of them are killed or interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
import pytest
from joblib.externals.loky import ProcessPoolExecutor
from sqlalchemy import text

from seqclf import GRUClassifier
from seqclf.training import EpochRecord
from seqclf.tuning import LogUniform, open_storage, sweep
from seqclf.tuning._trial_status import WORKER, lost_its_worker, n_tries, status_of
from tuning.gate import PATIENCE_SECONDS, wait_for, wait_until

WORKER_PROCESS = Path(__file__).with_name("worker_process.py")
TESTS = Path(__file__).parents[1]

Process = subprocess.Popen[str]


@pytest.fixture(params=["postgresql", "journal"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql"))
    return str(tmp_path / "sweep.journal")


@contextmanager
def processes(
    number: int, folder: Path, storage: str, study: str, *, n_trials: int, n_jobs: int = 1, fit: int = 1
) -> Iterator[list[Process]]:
    """Start sweeps in processes of their own; kill at the end those that still run."""
    arguments = [str(folder), storage, study, str(n_trials), str(n_jobs), str(fit)]
    python_path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    started = [
        subprocess.Popen(
            [sys.executable, str(WORKER_PROCESS), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": python_path},
        )
        for _ in range(number)
    ]
    try:
        yield started
    except TimeoutError as error:
        for process in started:
            process.kill()
            error.add_note(process.communicate()[1])
        raise
    finally:
        for process in started:
            process.kill()
            process.communicate()


def trials_of(storage: str, study: str) -> list[optuna.trial.FrozenTrial]:
    return optuna.load_study(study_name=study, storage=open_storage(storage)).get_trials()


def age_heartbeat(storage: str, trial: optuna.trial.FrozenTrial) -> None:
    """Make the last heartbeat of a trial an hour old, instead of waiting until it is stale."""
    database = open_storage(storage)
    assert isinstance(database, optuna.storages.RDBStorage)
    with database.engine.begin() as connection:
        aged = connection.execute(
            text(
                "UPDATE trial_heartbeats SET heartbeat = heartbeat - interval '1 hour' WHERE trial_id = :id"
            ),
            {"id": trial._trial_id},
        )
    assert aged.rowcount == 1


def worker_pid(trial: optuna.trial.FrozenTrial) -> int:
    return int(trial.user_attrs[WORKER]["pid"])


def is_running(pid: int) -> bool:
    """Return whether a process exists and is not a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def wait_for_end(pids: list[int]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while any(map(is_running, pids)):
        assert time.monotonic() < end, f"some of {pids} still run"
        time.sleep(0.02)


def test_the_trial_of_a_killed_process_is_run_again_by_another(storage: str, tmp_path: Path) -> None:
    study, n_trials = "killed", 5
    n_processes = 3 if storage.endswith(".journal") else 2  # one less where imports and tables take long
    with processes(n_processes, tmp_path, storage, study, n_trials=n_trials) as workers:
        wait_for(tmp_path, "at-*", n_processes)  # each is within its first trial
        killed = workers[0]
        (lost,) = [trial for trial in trials_of(storage, study) if worker_pid(trial) == killed.pid]
        killed.send_signal(signal.SIGKILL)
        killed.wait(PATIENCE_SECONDS)
        if not storage.endswith(".journal"):
            age_heartbeat(storage, lost)
        (tmp_path / "open").touch()
        ended = [worker.communicate(timeout=PATIENCE_SECONDS) for worker in workers[1:]]
    assert [worker.returncode for worker in workers[1:]] == [0] * (n_processes - 1), ended

    trials = trials_of(storage, study)
    complete = [trial for trial in trials if trial.state.name == "COMPLETE"]
    assert len(complete) == n_trials
    assert len({trial.params["lr"] for trial in complete}) == n_trials
    assert not [trial for trial in trials if trial.state.name in ("RUNNING", "WAITING")]
    assert [trial.number for trial in trials if lost_its_worker(trial)] == [lost.number]
    (again,) = [trial for trial in complete if trial.params == lost.params]
    assert n_tries(again) == 2
    # The processes that were left waited for each other, and each returned the whole sweep.
    assert [out.split() for out, _ in ended] == [[str(n_trials), "1"]] * (n_processes - 1)
    assert {worker_pid(trial) for trial in complete} == {worker.pid for worker in workers[1:]}


class KillOneOfTwo:
    """Waits until two processes run trials; one of them kills itself, the other waits until it is replaced."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def on_epoch_end(self, record: EpochRecord) -> None:
        (self.folder / f"at-{os.getpid()}").touch()
        first, *_ = wait_for(self.folder, "at-*", 2)
        if first == f"at-{os.getpid()}" and not (self.folder / "killed").exists():
            (self.folder / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        wait_until(self.folder / "killed")
        wait_for(self.folder, "at-*", 3)


def test_a_killed_process_of_a_sweep_is_replaced_and_the_other_continues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    X = [[0.1, 0.9], [0.9, 0.1]] * 10
    result = sweep(
        GRUClassifier(hidden_size=2, max_epochs=1, callbacks=[KillOneOfTwo(tmp_path)]),
        {"lr": LogUniform(1e-4, 1e-1)},
        X,
        ["up", "down"] * 10,
        n_trials=4,
        n_jobs=2,
        pruner=None,
        random_state=0,
        refit=False,
        verbose=True,
    )
    statuses = [trial.status for trial in result.trials]
    assert (statuses.count("complete"), statuses.count("failed")) == (4, 1)
    assert {trial.reason for trial in result.trials} == {None, "its process ended (tried again)"}
    assert len({trial.params["lr"] for trial in result.trials if trial.status == "complete"}) == 4
    assert len(list(tmp_path.glob("at-*"))) == 3
    assert not list(tmp_path.glob("seqclf-sweep-*"))  # the temporary journal


def test_loky_breaks_a_pool_when_one_process_dies() -> None:
    """The reason why each worker has its own pool."""
    with ProcessPoolExecutor(max_workers=2) as pool:
        other, dying = pool.submit(time.sleep, PATIENCE_SECONDS), pool.submit(os._exit, 9)
        for future in (other, dying):
            assert isinstance(future.exception(timeout=PATIENCE_SECONDS), BrokenExecutor)


def test_ctrl_c_ends_the_processes_of_a_sweep_and_keeps_their_trials(tmp_path: Path) -> None:
    storage = str(tmp_path / "sweep.journal")
    with processes(1, tmp_path, storage, "stopped", n_trials=1000, n_jobs=2, fit=2) as (whole,):
        at_gate = [int(name.removeprefix("at-")) for name in wait_for(tmp_path, "at-*", 2)]
        whole.send_signal(signal.SIGINT)  # to the parent process only, as in a notebook
        out, err = whole.communicate(timeout=PATIENCE_SECONDS)
        wait_for_end(at_gate)
    assert whole.returncode == 0, err
    assert "The sweep was interrupted" in err
    # Each process had completed one trial and was in its second.
    assert out.split() == ["2", "0"]
    statuses = sorted(status_of(trial) for trial in trials_of(storage, "stopped"))
    assert statuses == ["complete"] * 2 + ["interrupted"] * 2


def test_processes_of_a_killed_sweep_begin_no_other_trial(tmp_path: Path) -> None:
    storage = str(tmp_path / "sweep.journal")
    at_gate: list[int] = []
    with processes(1, tmp_path, storage, "orphaned", n_trials=1000, n_jobs=2) as (whole,):
        try:
            at_gate = [int(name.removeprefix("at-")) for name in wait_for(tmp_path, "at-*", 2)]
            whole.send_signal(signal.SIGKILL)
            whole.wait(PATIENCE_SECONDS)
            (tmp_path / "open").touch()
            wait_for_end(at_gate)
        finally:
            for pid in filter(is_running, at_gate):
                os.kill(pid, signal.SIGKILL)
    assert [status_of(trial) for trial in trials_of(storage, "orphaned")] == ["complete"] * 2


def test_a_worker_that_raises_ends_the_sweep_with_its_error(tmp_path: Path) -> None:
    def no_pickle() -> Any:
        raise TypeError("cannot be pickled")

    class Unpicklable:
        def __reduce__(self) -> Any:
            return no_pickle()

        def __deepcopy__(self, memo: object) -> Unpicklable:
            return self

        def on_epoch_end(self, record: EpochRecord) -> None: ...

    with pytest.raises(Exception, match="pickle"):
        sweep(
            GRUClassifier(hidden_size=2, max_epochs=1, callbacks=[Unpicklable()]),
            {"lr": LogUniform(1e-4, 1e-1)},
            [[0.1, 0.9], [0.9, 0.1]] * 10,
            ["up", "down"] * 10,
            n_trials=2,
            n_jobs=2,
            random_state=0,
        )
