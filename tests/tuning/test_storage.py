from __future__ import annotations

from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.storages.journal import BaseJournalBackend
from sqlalchemy.exc import DBAPIError

from seqclf.tuning import open_storage
from seqclf.tuning._stale_trials import WorkerMonitor
from seqclf.tuning._storage import as_storage, monitor_of


def test_a_journal_file_keeps_a_study(tmp_path: Path) -> None:
    path = tmp_path / "sweep.journal"
    optuna.create_study(storage=open_storage(path), study_name="a").add_trial(optuna.create_trial(value=0.5))
    again = optuna.load_study(storage=open_storage(str(path)), study_name="a")
    assert [trial.value for trial in again.trials] == [0.5]
    assert monitor_of(as_storage(path)) == WorkerMonitor(journal=path)


def test_a_database_keeps_a_study_but_holds_no_connection(postgresql: str) -> None:
    storage = open_storage(postgresql, heartbeat=7)
    assert isinstance(storage, optuna.storages.RDBStorage)
    assert (storage.heartbeat_interval, storage.grace_period) == (7, 21)
    optuna.create_study(storage=storage, study_name="of-a-storage")
    storage.remove_session()
    assert "of-a-storage" in optuna.get_all_study_names(storage=open_storage(postgresql))
    assert storage.engine.pool.status() == "NullPool"
    assert monitor_of(storage) == WorkerMonitor(heartbeats=True)


class InMemoryBackend(BaseJournalBackend):
    """A journal of many hosts, like that in Redis, without a server."""

    def __init__(self) -> None:
        self._logs: list[dict[str, Any]] = []

    def read_logs(self, log_number_from: int) -> list[dict[str, Any]]:
        return self._logs[log_number_from:]

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        self._logs += logs


def test_workers_of_a_journal_that_is_not_a_file_are_not_monitored() -> None:
    assert monitor_of(optuna.storages.JournalStorage(InMemoryBackend())) == WorkerMonitor()


def test_none_is_memory_and_an_optuna_storage_is_returned_as_is() -> None:
    memory = as_storage(None)
    assert isinstance(memory, optuna.storages.InMemoryStorage)
    assert as_storage(memory) is memory
    assert monitor_of(memory) == WorkerMonitor()


@pytest.mark.parametrize(("message", "n_calls"), [("duplicate key value", 3), ("connection refused", 1)])
def test_processes_that_create_tables_at_the_same_time_try_again(
    message: str, n_calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    class Collides(optuna.storages.RDBStorage):
        def __init__(self, url: str, **options: Any) -> None:
            calls.append(url)
            if len(calls) < 3:
                raise DBAPIError("CREATE TABLE", None, Exception(message))

    monkeypatch.setattr(optuna.storages, "RDBStorage", Collides)
    monkeypatch.setattr("seqclf.tuning._storage.time.sleep", lambda seconds: None)
    if n_calls == 1:
        with pytest.raises(DBAPIError, match=message):
            open_storage("postgresql+psycopg://nowhere")
    else:
        open_storage("postgresql+psycopg://nowhere")
    assert len(calls) == n_calls


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_cannot_be_shared(url: str) -> None:
    with pytest.raises(ValueError, match="must be a database that other processes can open; got 'sqlite"):
        open_storage(url)


@pytest.mark.parametrize("heartbeat", [0, -1])
def test_the_heartbeat_must_be_positive(tmp_path: Path, heartbeat: int) -> None:
    with pytest.raises(ValueError, match="`heartbeat` must be at least 1"):
        open_storage(tmp_path / "a", heartbeat=heartbeat)


def test_without_optuna_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch, task: Any) -> None:
    from seqclf import GRUClassifier
    from seqclf.tuning import Choice, sweep

    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(
        ImportError, match=r"Sweeps need Optuna, which is not installed. Run `pip install 'seqclf\[tuning\]'`"
    ):
        open_storage("sweep.journal")
    with pytest.raises(ImportError, match="Sweeps need Optuna"):
        sweep(GRUClassifier(), {"lr": Choice([0.1])}, *task, n_trials=1)
