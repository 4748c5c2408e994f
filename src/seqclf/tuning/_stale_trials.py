"""Trials that are marked as running although their worker has died."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqclf.tuning._optuna import no_experimental_warnings
from seqclf.tuning._trial_status import MAX_TRIES, REASON, STATUS, WORKER
from seqclf.tuning._worker_lock import has_died, is_local

if TYPE_CHECKING:
    import optuna

_TIME_TO_MARK = timedelta(minutes=2)
"""A worker marks its trial as soon as the trial exists; after this time without a mark it died in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerMonitor:
    """How the death of a worker is noticed: by its lock beside a journal file, its heartbeat in a database, or not at all."""

    journal: Path | None = None
    heartbeats: bool = False

    def watches(self, trial: optuna.trial.FrozenTrial) -> bool:
        """Return whether the death of a running trial's worker would be noticed, so that its end can be awaited."""
        worker = trial.user_attrs.get(WORKER)
        return self.heartbeats or (self.journal is not None and (worker is None or is_local(worker)))

    def is_stale(self, trial: optuna.trial.FrozenTrial) -> bool:
        """Return whether a running trial lost its worker; Optuna finds those whose heartbeat stopped."""
        worker = trial.user_attrs.get(WORKER)
        if worker is None:
            start = trial.datetime_start
            return start is not None and datetime.now() - start > _TIME_TO_MARK
        return self.journal is not None and is_local(worker) and has_died(worker, self.journal)


def mark_worker(trial: optuna.Trial, worker: Mapping[str, Any]) -> None:
    """Mark a trial with the worker that runs it.

    The first heartbeat comes before the mark. Optuna sends it from a thread, a moment after the trial begins; a trial whose
    worker was killed in that moment would be neither unmarked nor, without any heartbeat, stale to Optuna.
    """
    if hasattr(trial.storage, "record_heartbeat"):
        trial.storage.record_heartbeat(trial._trial_id)
    trial.set_user_attr(WORKER, worker)


def requeue_stale_trials(study: optuna.Study, monitor: WorkerMonitor) -> None:
    """Fail the trials whose worker died and queue their parameters again, once each."""
    import optuna

    with no_experimental_warnings():
        optuna.storages.fail_stale_trials(study)  # by heartbeat
    for trial in study.get_trials(states=(optuna.trial.TrialState.RUNNING,)):
        if monitor.is_stale(trial) and _fail(study, trial):
            requeue(study, trial)


def requeue(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
    """Queue the parameters of a failed trial again, unless its worker ended it or they were tried often enough."""
    import optuna

    if STATUS in trial.user_attrs:
        return
    trial.user_attrs.pop(WORKER, None)  # else the new trial would be stale the moment it begins
    with no_experimental_warnings():
        optuna.storages.RetryHeartbeatStaleTrialCallback(max_retry=MAX_TRIES - 1)(study, trial)


def fail_interrupted_trials(study: optuna.Study, call: str) -> None:
    """Fail the trials left running by the workers of an interrupted call of `sweep`."""
    import optuna

    for trial in study.get_trials(states=(optuna.trial.TrialState.RUNNING,)):
        if trial.user_attrs.get(WORKER, {}).get("call") == call:
            with suppress(ValueError, RuntimeError):  # it has ended in the meantime
                # Optuna has no public way to set an attribute of a trial that another process runs.
                running = optuna.trial.Trial(study, trial._trial_id)
                running.set_user_attr(STATUS, "interrupted")
                running.set_user_attr(REASON, "interrupted")
            _fail(study, trial)


def _fail(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> bool:
    """Set the state of a running trial to FAIL; return False if another process ended it first."""
    import optuna

    try:
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
    except (ValueError, RuntimeError):
        return False
    return True
