"""What a worker does next."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqclf.tuning import _run_trials
from seqclf.tuning._objective import _is_surplus
from seqclf.tuning._run_trials import _run_one, next_step, run_in_worker
from seqclf.tuning._stale_trials import WorkerMonitor
from seqclf.tuning._trial_status import STATUS, WORKER
from seqclf.tuning._worker_lock import identified_worker

STATES = ("COMPLETE", "PRUNED", "FAIL", "RUNNING", "WAITING", "lost", "surplus")
JOURNAL = WorkerMonitor(journal=Path("sweep.journal"))


def study_of(*states: str) -> optuna.Study:
    study = optuna.create_study()
    for state in states:
        attributes: dict[str, Any] = {} if state == "lost" else {STATUS: "failed"}
        if state == "surplus":
            attributes = {STATUS: "surplus"}
        name = "FAIL" if state in ("lost", "surplus") else state
        value = 0.5 if state == "COMPLETE" else None
        study.add_trial(
            optuna.create_trial(state=optuna.trial.TrialState[name], value=value, user_attrs=attributes)
        )
    return study


@pytest.mark.parametrize(
    ("states", "step"),
    [
        ((), "run"),
        (("COMPLETE", "RUNNING"), "run"),
        (("COMPLETE", "RUNNING", "FAIL"), "wait"),
        (("COMPLETE", "PRUNED", "FAIL"), "stop"),
        (("COMPLETE", "PRUNED", "lost"), "run"),
        (("COMPLETE", "PRUNED", "lost", "WAITING"), "run"),
        (("COMPLETE", "PRUNED", "surplus", "COMPLETE"), "stop"),
    ],
)
def test_the_next_step_towards_three_trials(states: tuple[str, ...], step: str) -> None:
    assert next_step(study_of(*states), 3, JOURNAL) == step


def test_a_worker_does_not_wait_for_trials_it_cannot_monitor() -> None:
    study = study_of("COMPLETE", "COMPLETE")
    with identified_worker(None, "call") as worker:
        elsewhere = {STATUS: "failed", WORKER: worker | {"host": "elsewhere"}}
    study.add_trial(optuna.create_trial(state=optuna.trial.TrialState.RUNNING, user_attrs=elsewhere))
    assert next_step(study, 3, JOURNAL) == "stop"
    assert next_step(study, 3, WorkerMonitor()) == "stop"
    assert next_step(study, 3, WorkerMonitor(heartbeats=True)) == "wait"


def test_a_trial_that_is_tried_again_is_never_surplus() -> None:
    study = study_of("COMPLETE", "COMPLETE", "lost", "COMPLETE")  # one began before the second try
    study.add_trial(
        optuna.create_trial(
            state=optuna.trial.TrialState.WAITING, system_attrs={"retry_history": [2], "fixed_params": {}}
        )
    )
    assert next_step(study, 3, JOURNAL) == "run"
    assert not _is_surplus(study.ask(), 3)
    assert _is_surplus(study.ask(), 3)


@given(st.lists(st.sampled_from(STATES), max_size=8), st.integers(1, 5), st.integers(1, 4))
def test_of_trials_that_begin_at_the_same_time_only_the_missing_ones_run(
    states: list[str], n_trials: int, n_workers: int
) -> None:
    study = study_of(*states)
    counted = sum(state not in ("lost", "surplus") for state in states)
    waiting = states.count("WAITING")
    begun = [study.ask() for _ in range(n_workers)]
    new = [trial for trial in begun if trial.number >= len(states)]
    kept = [trial for trial in new if not _is_surplus(trial, n_trials)]
    assert len(new) == max(0, n_workers - waiting)
    assert len(kept) == min(len(new), max(0, n_trials - counted))


@pytest.mark.parametrize("report", [False, True])
def test_a_trial_that_another_process_failed_meanwhile_is_dropped(
    monkeypatch: pytest.MonkeyPatch, report: bool
) -> None:
    def run_trial(trial: optuna.Trial, config: Any, worker: Any) -> float:
        trial.study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
        if report:
            trial.report(0.5, step=1)
        return 0.5

    monkeypatch.setattr(_run_trials, "run_trial", run_trial)
    study = optuna.create_study()
    config: Any = None
    _run_one(config, study, {})
    assert [trial.state.name for trial in study.trials] == ["FAIL"]


def test_other_errors_of_a_trial_are_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def run_trial(trial: optuna.Trial, config: Any, worker: Any) -> float:
        raise ValueError("a bug")

    monkeypatch.setattr(_run_trials, "run_trial", run_trial)
    config: Any = None
    with pytest.raises(ValueError, match="a bug"):
        _run_one(config, optuna.create_study(), {})


def test_a_worker_begins_no_trial_once_its_parent_has_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[str] = []

    def run_trials(config: Any, study: Any, monitor: Any, *, before_each: Callable[[], None]) -> None:
        before_each()
        began.append("trial")

    def exit_process(code: int) -> None:
        raise SystemExit(code)

    monkeypatch.setattr(os, "_exit", exit_process)
    monkeypatch.setattr(_run_trials, "open_study", lambda config, storage: None)
    monkeypatch.setattr(_run_trials, "run_trials", run_trials)
    config: Any = None
    run_in_worker(config, tmp_path / "sweep.journal", parent=os.getppid())
    assert began == ["trial"]
    with pytest.raises(SystemExit):
        run_in_worker(config, tmp_path / "sweep.journal", parent=-1)
    assert began == ["trial"]
