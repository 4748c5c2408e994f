"""What has become of a trial, told from what the storage keeps of it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from seqclf.tuning._liveness import presence_of
from seqclf.tuning._optuna import expected_experiments

if TYPE_CHECKING:
    import optuna

Watch = Literal["process", "heartbeat", "nobody"]
"""How it is known that a trial's process died: it is of this host, it gives no sign of life, or not at all."""

TrialStatus = Literal["complete", "pruned", "failed", "interrupted", "running"]

STATUS, REASON, WORKER, TRIES = "seqclf:status", "seqclf:reason", "seqclf:worker", "seqclf:tries"
"""Names of what a trial is marked with. Whoever ends a trial marks it before; a process that died could not."""

MOST_TRIES = 3
"""A trial whose process died this often is not tried again: it may be what kills them."""

_TIME_TO_BEGIN = timedelta(minutes=2)
"""A process marks its trial at once; one that has not after this time died in between."""


def tries_of(trial: optuna.trial.FrozenTrial) -> int:
    """Return how often these parameters were tried, this time included."""
    return int(trial.user_attrs.get(TRIES, 1))


def is_dead(trial: optuna.trial.FrozenTrial) -> bool:
    """Return whether the trial ended with its process."""
    return trial.state.name == "FAIL" and STATUS not in trial.user_attrs


def does_not_count(trial: optuna.trial.FrozenTrial) -> bool:
    """Return whether a trial is none of those that were wanted, because it will be, or was, made up for."""
    if is_dead(trial):
        return tries_of(trial) < MOST_TRIES
    return trial.state.name == "FAIL" and trial.user_attrs.get(STATUS) in ("interrupted", "surplus")


def status_of(trial: optuna.trial.FrozenTrial) -> TrialStatus:
    """Return what has become of a trial."""
    match trial.state.name:
        case "COMPLETE":
            return "complete"
        case "PRUNED":
            return "pruned"
        case "FAIL":
            return "interrupted" if trial.user_attrs.get(STATUS) == "interrupted" else "failed"
        case _:
            return "running"


def reason_of(trial: optuna.trial.FrozenTrial) -> str | None:
    """Return why a trial failed, None if it did not."""
    if is_dead(trial):
        again = "tried again" if tries_of(trial) < MOST_TRIES else f"tried {MOST_TRIES} times"
        return f"its process ended ({again})"
    reason: str | None = trial.user_attrs.get(REASON)
    return reason


def sign_on(trial: optuna.Trial, worker: Mapping[str, Any]) -> None:
    """Mark a trial with the process that runs it.

    Where heartbeats are kept the first one comes before: Optuna's thread sends it a moment later, and of a process killed within
    that moment nobody would know that it is dead.
    """
    if hasattr(trial.storage, "record_heartbeat"):
        trial.storage.record_heartbeat(trial._trial_id)
    trial.set_user_attr(WORKER, worker)


def will_be_missed(trial: optuna.trial.FrozenTrial, *, watch: Watch) -> bool:
    """Return whether somebody would notice that the process of a running trial died: only then its end may be waited for."""
    worker = trial.user_attrs.get(WORKER)
    if watch == "process":
        return worker is None or presence_of(worker) == "here"
    return watch == "heartbeat"


def retry(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
    """Put the parameters of a trial whose process died in the queue once more."""
    if tries_of(trial) < MOST_TRIES:
        # Of one that was queued itself and died before all was drawn, what it would have drawn.
        drawn = trial.system_attrs.get("fixed_params", {}) | trial.params
        study.enqueue_trial(drawn, user_attrs={TRIES: tries_of(trial) + 1})


def bury_the_dead(study: optuna.Study, *, watch: Watch) -> None:
    """Fail the running trials whose process has ended, and queue them again, each once, whoever finds it.

    A database knows its dead by their heartbeat. Of a file, the processes are looked for: they are of this host.
    """
    import optuna

    with expected_experiments():
        optuna.storages.fail_stale_trials(study)
    for trial in study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,)):
        worker = trial.user_attrs.get(WORKER)
        if worker is None:
            began = trial.datetime_start
            gone = began is not None and datetime.now() - began > _TIME_TO_BEGIN
        else:
            gone = watch == "process" and presence_of(worker) == "gone"
        if gone:
            # Another process may bury it at the same moment; who comes second is refused.
            with contextlib.suppress(ValueError, RuntimeError):
                study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
                retry(study, trial)


def fail_interrupted(study: optuna.Study) -> None:
    """Fail the running trials whose process was ended on purpose: that says nothing about their parameters."""
    import optuna

    for trial in study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,)):
        worker = trial.user_attrs.get(WORKER)
        if worker is not None and presence_of(worker) == "gone":
            with contextlib.suppress(ValueError, RuntimeError):  # it has ended by itself after all
                ended = optuna.trial.Trial(study, trial._trial_id)
                ended.set_user_attr(STATUS, "interrupted")
                ended.set_user_attr(REASON, "interrupted")
                study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
