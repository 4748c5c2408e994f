"""Trials made up by hand, one of each kind."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import optuna
import pytest

from seqclf.tuning import open_storage
from seqclf.tuning._liveness import at_work
from seqclf.tuning._state import (
    REASON,
    STATUS,
    TRIES,
    WORKER,
    bury_the_dead,
    does_not_count,
    fail_interrupted,
    is_dead,
    reason_of,
    sign_on,
    status_of,
)

RATE: dict[str, optuna.distributions.BaseDistribution] = {
    "lr": optuna.distributions.FloatDistribution(0.0, 1.0)
}


def trial(state: str, **attributes: Any) -> optuna.trial.FrozenTrial:
    return optuna.create_trial(
        state=optuna.trial.TrialState[state],
        value=0.5 if state == "COMPLETE" else None,
        params={"lr": 0.25},
        distributions=RATE,
        user_attrs=attributes,
    )


@pytest.mark.parametrize(
    ("made", "status", "counts", "reason"),
    [
        (trial("COMPLETE"), "complete", True, None),
        (trial("PRUNED"), "pruned", True, None),
        (trial("FAIL", **{STATUS: "failed", REASON: "MemoryError: "}), "failed", True, "MemoryError: "),
        (
            trial("FAIL", **{STATUS: "interrupted", REASON: "interrupted"}),
            "interrupted",
            False,
            "interrupted",
        ),
        (trial("FAIL", **{STATUS: "surplus"}), "failed", False, None),
        (trial("FAIL"), "failed", False, "its process ended (tried again)"),
        (trial("FAIL", **{TRIES: 2}), "failed", False, "its process ended (tried again)"),
        (trial("FAIL", **{TRIES: 3}), "failed", True, "its process ended (tried 3 times)"),
        (trial("RUNNING"), "running", True, None),
        (trial("WAITING"), "running", True, None),
    ],
)
def test_what_has_become_of_a_trial(made: Any, status: str, counts: bool, reason: str | None) -> None:
    assert (status_of(made), not does_not_count(made), reason_of(made)) == (status, counts, reason)


def study_with(*trials: optuna.trial.FrozenTrial) -> optuna.Study:
    study = optuna.create_study(direction="maximize")
    study.add_trials(trials)
    return study


def states(study: optuna.Study) -> list[str]:
    return [made.state.name for made in study.get_trials()]


with at_work() as GONE:
    pass  # what this process did is over


def test_the_dead_are_failed_and_queued_again_with_their_parameters() -> None:
    with at_work() as worker:
        study = study_with(trial("RUNNING", **{WORKER: GONE}), trial("RUNNING", **{WORKER: worker}))
        bury_the_dead(study, watch="process")
        assert states(study) == ["FAIL", "RUNNING", "WAITING"]
        assert is_dead(study.get_trials()[0])
        bury_the_dead(study, watch="process")
    assert states(study) == ["FAIL", "RUNNING", "WAITING"]
    again = study.ask()
    assert again.suggest_float("lr", 0.0, 1.0) == 0.25
    assert again.user_attrs[TRIES] == 2


def test_what_died_before_all_was_drawn_keeps_what_it_was_given() -> None:
    study = optuna.create_study(direction="maximize")
    study.enqueue_trial({"lr": 0.25, "hidden_size": 4}, user_attrs={TRIES: 2})
    first = study.ask()
    first.suggest_float("lr", 0.0, 1.0)
    first.set_user_attr(WORKER, GONE)
    bury_the_dead(study, watch="process")
    again = study.ask()
    assert again.user_attrs[TRIES] == 3
    assert again.suggest_float("lr", 0.0, 1.0) == 0.25
    assert again.suggest_int("hidden_size", 1, 9) == 4


def test_what_was_ended_on_purpose_is_no_death() -> None:
    with at_work() as worker:
        study = study_with(
            trial("RUNNING", **{WORKER: GONE, TRIES: 2}),
            trial("RUNNING", **{WORKER: worker}),
            trial("RUNNING"),
            trial("COMPLETE", **{WORKER: GONE}),
        )
        fail_interrupted(study)
    assert states(study) == ["FAIL", "RUNNING", "RUNNING", "COMPLETE"]
    assert status_of(study.get_trials()[0]) == "interrupted"
    assert does_not_count(study.get_trials()[0])


def test_parameters_that_killed_three_processes_are_left_alone() -> None:
    study = study_with(trial("RUNNING", **{WORKER: GONE, TRIES: 3}))
    bury_the_dead(study, watch="process")
    assert states(study) == ["FAIL"]


@pytest.mark.parametrize("watch", ["heartbeat", "nobody"])
def test_processes_are_looked_for_only_where_they_can_be_found(watch: Any) -> None:
    study = study_with(trial("RUNNING", **{WORKER: GONE}))
    bury_the_dead(study, watch=watch)
    assert states(study) == ["RUNNING"]


@pytest.mark.filterwarnings(
    "ignore:Heartbeat of storage is supposed"
)  # the thread that sends it is what is left out
def test_a_database_misses_a_process_that_ended_right_after_it_signed_on(postgresql: str) -> None:
    study = optuna.create_study(storage=open_storage(postgresql, heartbeat=1), study_name="short-lived")
    sign_on(study.ask(), GONE)
    end = time.monotonic() + 30
    while states(study) == ["RUNNING"] and time.monotonic() < end:
        bury_the_dead(study, watch="heartbeat")
        time.sleep(0.2)
    assert states(study) == ["FAIL", "WAITING"]


def test_a_trial_that_never_began_is_dead_after_a_while() -> None:
    fresh, old = trial("RUNNING"), trial("RUNNING")
    old.datetime_start = datetime.now() - timedelta(minutes=3)
    study = study_with(fresh, old)
    bury_the_dead(study, watch="nobody")
    assert states(study) == ["RUNNING", "FAIL", "WAITING"]
