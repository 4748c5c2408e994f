"""Trials whose worker has died are failed and queued again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import optuna
import pytest

from seqclf.tuning import open_storage
from seqclf.tuning._stale_trials import (
    WorkerMonitor,
    fail_interrupted_trials,
    mark_worker,
    requeue_stale_trials,
)
from seqclf.tuning._trial_status import STATUS, WORKER, is_replaced, lost_its_worker, n_tries, status_of
from seqclf.tuning._worker_lock import identified_worker

RATE: dict[str, optuna.distributions.BaseDistribution] = {
    "lr": optuna.distributions.FloatDistribution(0.0, 1.0)
}


@pytest.fixture
def monitor(tmp_path: Path) -> WorkerMonitor:
    return WorkerMonitor(journal=tmp_path / "sweep.journal")


@pytest.fixture
def alive(monitor: WorkerMonitor) -> Iterator[dict[str, Any]]:
    with identified_worker(monitor.journal, "this call") as worker:
        yield worker


@pytest.fixture
def dead(monitor: WorkerMonitor) -> dict[str, Any]:
    with identified_worker(monitor.journal, "another call") as worker:
        return worker


def trial(
    state: str, attributes: dict[str, Any] | None = None, *, n_tries: int = 1
) -> optuna.trial.FrozenTrial:
    return optuna.create_trial(
        state=optuna.trial.TrialState[state],
        value=0.5 if state == "COMPLETE" else None,
        params={"lr": 0.25},
        distributions=RATE,
        user_attrs=attributes,
        system_attrs={"retry_history": list(range(n_tries - 1))},
    )


def study_with(*trials: optuna.trial.FrozenTrial) -> optuna.Study:
    study = optuna.create_study(direction="maximize")
    study.add_trials(trials)
    return study


def states(study: optuna.Study) -> list[str]:
    return [made.state.name for made in study.get_trials()]


def test_a_stale_trial_is_marked_as_failed_and_its_parameters_are_queued_once(
    monitor: WorkerMonitor, alive: dict[str, Any], dead: dict[str, Any]
) -> None:
    study = study_with(trial("RUNNING", {WORKER: dead}), trial("RUNNING", {WORKER: alive}))
    for _ in range(2):
        requeue_stale_trials(study, monitor)
        assert states(study) == ["FAIL", "RUNNING", "WAITING"]
    assert lost_its_worker(study.get_trials()[0])
    again = study.ask()
    assert again.suggest_float("lr", 0.0, 1.0) == 0.25
    assert n_tries(study.get_trials()[2]) == 2


def test_a_queued_trial_is_not_stale_when_it_begins(monitor: WorkerMonitor, dead: dict[str, Any]) -> None:
    study = study_with(trial("RUNNING", {WORKER: dead}))
    requeue_stale_trials(study, monitor)
    study.ask()  # its new worker has not marked it yet
    requeue_stale_trials(study, monitor)
    assert states(study) == ["FAIL", "RUNNING"]


def test_a_trial_that_lost_its_worker_while_drawing_keeps_its_queued_parameters(
    monitor: WorkerMonitor, dead: dict[str, Any]
) -> None:
    study = optuna.create_study(direction="maximize")
    study.enqueue_trial({"lr": 0.25, "hidden_size": 4})
    first = study.ask()
    first.suggest_float("lr", 0.0, 1.0)
    first.set_user_attr(WORKER, dead)
    requeue_stale_trials(study, monitor)
    again = study.ask()
    assert again.suggest_float("lr", 0.0, 1.0) == 0.25
    assert again.suggest_int("hidden_size", 1, 9) == 4


def test_a_trial_whose_worker_died_after_marking_it_failed_is_not_queued(
    monitor: WorkerMonitor, dead: dict[str, Any]
) -> None:
    study = study_with(trial("RUNNING", {WORKER: dead, STATUS: "failed"}))
    requeue_stale_trials(study, monitor)
    assert states(study) == ["FAIL"]


def test_parameters_whose_worker_died_three_times_are_not_queued(
    monitor: WorkerMonitor, dead: dict[str, Any]
) -> None:
    study = study_with(trial("RUNNING", {WORKER: dead}, n_tries=3))
    requeue_stale_trials(study, monitor)
    assert states(study) == ["FAIL"]


@pytest.mark.parametrize("other", [WorkerMonitor(heartbeats=True), WorkerMonitor()])
def test_locks_are_looked_up_only_beside_a_journal_file(other: WorkerMonitor, dead: dict[str, Any]) -> None:
    study = study_with(trial("RUNNING", {WORKER: dead}))
    requeue_stale_trials(study, other)
    assert states(study) == ["RUNNING"]


def test_workers_of_another_host_are_neither_watched_nor_stale(
    monitor: WorkerMonitor, dead: dict[str, Any]
) -> None:
    running = trial("RUNNING", {WORKER: dead | {"host": "elsewhere"}})
    assert not monitor.watches(running)
    assert not monitor.is_stale(running)
    assert WorkerMonitor(heartbeats=True).watches(running)


@pytest.mark.filterwarnings(
    "ignore:Heartbeat of storage is supposed"
)  # the test replaces the thread that sends it
def test_a_database_notices_a_worker_that_died_right_after_its_mark(
    postgresql: str, dead: dict[str, Any]
) -> None:
    study = optuna.create_study(storage=open_storage(postgresql, heartbeat=1), study_name="short-lived")
    mark_worker(study.ask(), dead)
    end = time.monotonic() + 300
    while states(study) == ["RUNNING"] and time.monotonic() < end:
        requeue_stale_trials(study, WorkerMonitor(heartbeats=True))
        time.sleep(0.2)
    assert states(study) == ["FAIL", "WAITING"]


def test_a_trial_without_a_mark_is_stale_after_two_minutes() -> None:
    new, old = trial("RUNNING"), trial("RUNNING")
    old.datetime_start = datetime.now() - timedelta(minutes=3)
    study = study_with(new, old)
    requeue_stale_trials(study, WorkerMonitor())
    assert states(study) == ["RUNNING", "FAIL", "WAITING"]


def test_trials_of_an_interrupted_call_are_marked_as_interrupted(
    alive: dict[str, Any], dead: dict[str, Any]
) -> None:
    study = study_with(
        trial("RUNNING", {WORKER: alive}),
        trial("RUNNING", {WORKER: dead}),
        trial("RUNNING"),
        trial("COMPLETE", {WORKER: alive}),
    )
    fail_interrupted_trials(study, "this call")
    assert states(study) == ["FAIL", "RUNNING", "RUNNING", "COMPLETE"]
    assert status_of(study.get_trials()[0]) == "interrupted"
    assert is_replaced(study.get_trials()[0])
