"""One worker: run trials until as many as wanted have ended, whichever worker ran them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from seqclf.tuning._objective import TrialFailedError, run_trial
from seqclf.tuning._optuna import quiet_optuna
from seqclf.tuning._stale_trials import WorkerMonitor, requeue_stale_trials
from seqclf.tuning._storage import as_storage, monitor_of
from seqclf.tuning._study import SweepConfig, open_study
from seqclf.tuning._trial_status import is_replaced
from seqclf.tuning._worker_lock import identified_worker

if TYPE_CHECKING:
    import optuna

_POLL_SECONDS = 0.5


def run_trials(
    config: SweepConfig,
    study: optuna.Study,
    monitor: WorkerMonitor,
    *,
    before_each: Callable[[], None] = lambda: None,
) -> None:
    """Run trials until `n_trials` have ended or the deadline has passed; wait for those of workers that may still die."""
    with identified_worker(monitor.journal, config.call) as worker:
        while config.deadline is None or time.monotonic() < config.deadline:
            before_each()
            requeue_stale_trials(study, monitor)
            match next_step(study, config.n_trials, monitor):
                case "run":
                    _run_one(config, study, worker)
                case "wait":
                    time.sleep(_POLL_SECONDS)
                case "stop":
                    break


def run_in_worker(config: SweepConfig, storage: Any, parent: int) -> None:
    """Run trials in a process of their own; begin no trial once the parent process has gone."""

    def exit_if_orphaned() -> None:
        if os.getppid() != parent:
            os._exit(1)  # loky's own loop would wait for more tasks forever

    opened = as_storage(storage)
    with suppress(KeyboardInterrupt):  # the parent was interrupted, too, and reports it
        run_trials(config, open_study(config, opened), monitor_of(opened), before_each=exit_if_orphaned)


def next_step(study: optuna.Study, n_trials: int, monitor: WorkerMonitor) -> Literal["run", "wait", "stop"]:
    """Return "run" while trials are missing, "wait" while other workers run the last ones, then "stop"."""
    trials = [trial for trial in study.get_trials(deepcopy=False) if not is_replaced(trial)]
    if len(trials) < n_trials or any(trial.state.name == "WAITING" for trial in trials):
        return "run"
    running = [trial for trial in trials if trial.state.name == "RUNNING"]
    return "wait" if any(map(monitor.watches, running)) else "stop"


def _run_one(config: SweepConfig, study: optuna.Study, worker: Mapping[str, Any]) -> None:
    """Run the next trial; a trial that fails is recorded and raises nothing."""
    with quiet_optuna():
        try:
            study.optimize(
                lambda trial: run_trial(trial, config, worker), n_trials=1, catch=(TrialFailedError,)
            )
        except (UnboundLocalError, AssertionError, ValueError, RuntimeError) as error:
            # Optuna's own error after Ctrl-C, or a full disk, between the end of a trial and its record.
            if isinstance(error.__context__, KeyboardInterrupt | OSError):
                raise error.__context__ from None
            if not _was_failed_by_another(error):
                raise


def _was_failed_by_another(error: Exception) -> bool:
    """Return whether another process missed the heartbeats of a trial, failed it and queued it again."""
    from optuna.exceptions import UpdateFinishedTrialError

    # At the end of such a trial Optuna raises a ValueError and, while handling it, an AssertionError.
    return any(
        isinstance(cause, UpdateFinishedTrialError) or "Cannot tell a FAIL trial" in str(cause)
        for cause in (error, error.__context__)
    )
