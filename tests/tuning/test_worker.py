"""Who runs what next."""

from __future__ import annotations

from typing import Any

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqclf.tuning._liveness import at_work
from seqclf.tuning._state import STATUS, TRIES, WORKER
from seqclf.tuning._trial import _is_surplus
from seqclf.tuning._worker import next_step

STATES = ("COMPLETE", "PRUNED", "FAIL", "RUNNING", "WAITING", "dead", "surplus")


def study_of(*states: str) -> optuna.Study:
    study = optuna.create_study()
    for state in states:
        attributes: dict[str, Any] = {} if state == "dead" else {STATUS: "failed"}
        if state == "surplus":
            attributes = {STATUS: "surplus"}
        name = "FAIL" if state in ("dead", "surplus") else state
        value = 0.5 if state == "COMPLETE" else None
        study.add_trial(
            optuna.create_trial(state=optuna.trial.TrialState[name], value=value, user_attrs=attributes)
        )
    return study


@pytest.mark.parametrize(
    ("states", "alone", "step"),
    [
        ((), False, "run"),
        (("COMPLETE", "RUNNING"), False, "run"),
        (("COMPLETE", "RUNNING", "FAIL"), False, "wait"),
        (("COMPLETE", "RUNNING", "FAIL"), True, "stop"),
        (("COMPLETE", "PRUNED", "FAIL"), False, "stop"),
        (("COMPLETE", "PRUNED", "dead"), False, "run"),
        (("COMPLETE", "PRUNED", "dead", "WAITING"), False, "run"),
        (("COMPLETE", "PRUNED", "surplus", "COMPLETE"), False, "stop"),
    ],
)
def test_the_next_step_towards_three_trials(states: tuple[str, ...], alone: bool, step: str) -> None:
    assert next_step(study_of(*states), 3, watch="process", alone=alone) == step


def test_nobody_waits_for_a_process_whose_end_nobody_would_see() -> None:
    study = study_of("COMPLETE", "COMPLETE")
    with at_work() as worker:
        elsewhere = {STATUS: "failed", WORKER: worker | {"view": "pid:[1]"}}
    study.add_trial(optuna.create_trial(state=optuna.trial.TrialState.RUNNING, user_attrs=elsewhere))
    assert next_step(study, 3, watch="process") == "stop"
    assert next_step(study, 3, watch="nobody") == "stop"
    assert next_step(study, 3, watch="heartbeat") == "wait"


def test_what_is_tried_again_is_never_one_too_many() -> None:
    study = study_of("COMPLETE", "COMPLETE", "dead", "COMPLETE")  # somebody was quicker than its second try
    study.enqueue_trial({}, user_attrs={TRIES: 2})
    assert next_step(study, 3, watch="process") == "run"
    assert not _is_surplus(study.ask(), 3)
    assert _is_surplus(study.ask(), 3)


@given(st.lists(st.sampled_from(STATES), max_size=8), st.integers(1, 5), st.integers(1, 4))
def test_of_those_that_begin_at_once_as_many_stay_as_are_missing(
    states: list[str], n_trials: int, n_workers: int
) -> None:
    study = study_of(*states)
    counted = sum(state not in ("dead", "surplus") for state in states)
    waiting = states.count("WAITING")
    begun = [study.ask() for _ in range(n_workers)]
    new = [trial for trial in begun if trial.number >= len(states)]
    stay = [trial for trial in new if not _is_surplus(trial, n_trials)]
    assert len(new) == max(0, n_workers - waiting)
    assert len(stay) == min(len(new), max(0, n_trials - counted))
