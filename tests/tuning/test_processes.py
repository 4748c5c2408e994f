"""Several processes share a sweep, and some of them are killed or interrupted."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
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
from seqclf.tuning._gpus import gpu_of_process
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


class Starter:
    """Starts sweeps in processes of their own."""

    def __init__(
        self, folder: Path, storage: str, study: str, *, n_trials: int, n_jobs: int = 1, fit: int = 1
    ) -> None:
        self._arguments = [str(folder), storage, study, str(n_trials), str(n_jobs), str(fit)]
        self.started: list[Process] = []

    def start(self, prefix: Sequence[str] = ()) -> Process:
        """Start one, with a command before it; torch chooses the number of threads."""
        python_path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
        environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
        process = subprocess.Popen(
            [*prefix, sys.executable, str(WORKER_PROCESS), *self._arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment | {"PYTHONPATH": python_path},
        )
        self.started.append(process)
        return process


@contextmanager
def processes(folder: Path, storage: str, study: str, **options: int) -> Iterator[Starter]:
    """Yield what starts sweeps in processes of their own; kill at the end those that still run."""
    starter = Starter(folder, storage, study, **options)
    started = starter.started
    try:
        yield starter
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


def can_name_hosts() -> bool:
    """Return whether processes may have host names of their own."""
    unshare = shutil.which("unshare")
    command = [unshare or "", "--uts", "hostname", "another"]
    return unshare is not None and subprocess.run(command, capture_output=True, check=False).returncode == 0


def on_host(name: str, core: int) -> list[str]:
    """Return a command that runs another with its own host name, on one core."""
    pinned = ["taskset", "--cpu-list", str(core)]
    if not can_name_hosts():
        return pinned
    return ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', name, *pinned]


def test_hosts_share_a_sweep_which_outlives_one_that_is_killed(storage: str, tmp_path: Path) -> None:
    """One trial per host at a time, on a group of cores; a third host joins when the first one is dead."""
    study, n_trials, cores = "hosts", 5, sorted(os.sched_getaffinity(0))
    has_database = not storage.endswith(".journal")  # a journal file is for the processes of one host
    names = ["first", "second", "third"] if has_database and can_name_hosts() else [socket.gethostname()] * 3
    prefixes = [on_host(name, cores[i % len(cores)]) for i, name in enumerate(names)]
    with processes(tmp_path, storage, study, n_trials=n_trials) as hosts:
        killed = hosts.start(prefixes[0])
        hosts.start(prefixes[1])
        wait_for(tmp_path, "at-*", 2)  # both are within their first trial
        (lost,) = [trial for trial in trials_of(storage, study) if worker_pid(trial) == killed.pid]
        killed.send_signal(signal.SIGKILL)
        killed.wait(PATIENCE_SECONDS)
        if has_database:
            age_heartbeat(storage, lost)
        hosts.start(prefixes[2])
        wait_for(tmp_path, "at-*", 3)
        (tmp_path / "open").touch()
        left = hosts.started[1:]
        ended = [host.communicate(timeout=PATIENCE_SECONDS) for host in left]
    assert [host.returncode for host in left] == [0, 0], ended

    trials = trials_of(storage, study)
    complete = [trial for trial in trials if trial.state.name == "COMPLETE"]
    assert len(complete) == n_trials
    assert len({trial.params["lr"] for trial in complete}) == n_trials
    assert not [trial for trial in trials if trial.state.name in ("RUNNING", "WAITING")]
    assert [trial.number for trial in trials if lost_its_worker(trial)] == [lost.number]
    (again,) = [trial for trial in complete if trial.params == lost.params]
    assert n_tries(again) == 2
    assert {worker_pid(trial) for trial in complete} == {host.pid for host in left}
    assert [lost.user_attrs[WORKER]["host"], *sorted({t.user_attrs[WORKER]["host"] for t in complete})] == (
        names if has_database else names[:2]
    )
    # The hosts that were left waited for each other, and each returned the whole sweep. Each used its own cores only.
    for i, (out, _) in enumerate(ended, start=1):
        result = json.loads(out)
        assert (result.pop("host"), result.pop("cores")) == (names[i], [cores[i % len(cores)]])
        assert result == {"threads": 1, "complete": n_trials, "failed": 1}


def test_each_process_of_a_sweep_has_its_share_of_the_cores_and_a_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqclf.tuning._processes.cpu_count", lambda: 7)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 3)  # in this process: only the others use GPUs
    for visible, names in ((None, "012"), ("4,7,1", "471")):
        if visible is None:
            monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        else:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        for number in range(6):
            for device in ("auto", "cuda"):
                assert gpu_of_process(number, device) == {"CUDA_VISIBLE_DEVICES": names[number % 3]}
            assert gpu_of_process(number, "cuda:1") == gpu_of_process(number, "cpu") == {}
    result = sweep(
        GRUClassifier(hidden_size=2, max_epochs=1, callbacks=[NoteShare(tmp_path)]),
        {"lr": LogUniform(1e-4, 1e-1)},
        [[0.1, 0.9], [0.9, 0.1]] * 10,
        ["up", "down"] * 10,
        n_trials=2,
        n_jobs=2,
        random_state=0,
        refit=False,
    )
    assert len(result.trials) == 2
    assert sorted(path.name.rpartition(" ")[0] for path in tmp_path.iterdir()) == ["4 3", "7 3"]


class NoteShare:
    """Notes which GPU this process sees, and its threads; waits until two processes have done so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def on_epoch_end(self, record: EpochRecord) -> None:
        share = f"{os.environ['CUDA_VISIBLE_DEVICES']} {os.environ['OMP_NUM_THREADS']}"
        (self.folder / f"{share} {os.getpid()}").touch()
        wait_for(self.folder, "*", 2)


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
    with processes(tmp_path, storage, "stopped", n_trials=1000, n_jobs=2, fit=2) as starter:
        whole = starter.start()
        at_gate = [int(name.removeprefix("at-")) for name in wait_for(tmp_path, "at-*", 2)]
        whole.send_signal(signal.SIGINT)  # to the parent process only, as in a notebook
        out, err = whole.communicate(timeout=PATIENCE_SECONDS)
        wait_for_end(at_gate)
    assert whole.returncode == 0, err
    assert "The sweep was interrupted" in err
    # Each process had completed one trial and was in its second.
    assert json.loads(out)["complete"] == json.loads(out)["interrupted"] == 2
    statuses = sorted(status_of(trial) for trial in trials_of(storage, "stopped"))
    assert statuses == ["complete"] * 2 + ["interrupted"] * 2


def test_processes_of_a_killed_sweep_begin_no_other_trial(tmp_path: Path) -> None:
    storage = str(tmp_path / "sweep.journal")
    at_gate: list[int] = []
    with processes(tmp_path, storage, "orphaned", n_trials=1000, n_jobs=2) as starter:
        whole = starter.start()
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
