"""Run the trials of a sweep until they are done or interrupted."""

from __future__ import annotations

import warnings
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any

from seqclf.exceptions import SeqclfWarning
from seqclf.tuning._processes import NoProcessStartsError, n_trials_begun, run_in_processes
from seqclf.tuning._progress import progress_bar
from seqclf.tuning._run_trials import run_trials
from seqclf.tuning._stale_trials import WorkerMonitor, fail_interrupted_trials
from seqclf.tuning._study import SweepConfig

if TYPE_CHECKING:
    import optuna


def run_sweep(
    config: SweepConfig,
    storage: Any,
    study: optuna.Study,
    monitor: WorkerMonitor,
    *,
    n_jobs: int,
    verbose: bool,
) -> bool:
    """Run the trials; return whether they are done. `storage` is what other processes can open."""
    with progress_bar(study, config.n_trials) if verbose else nullcontext():
        try:
            if n_jobs == 1:
                run_trials(config, study, monitor)
            else:
                run_in_processes(config, storage, study, monitor, n_jobs=n_jobs)
        except KeyboardInterrupt:
            with suppress(KeyboardInterrupt):
                fail_interrupted_trials(study, config.call)
            _warn_of_partial_result("The sweep was interrupted.")
            return False
        except NoProcessStartsError as error:
            if not n_trials_begun(study):
                raise
            _warn_of_partial_result(str(error))
            return False
    _warn_of_unmonitored_trials(study, monitor)
    return True


def _warn_of_partial_result(reason: str) -> None:
    warnings.warn(
        f"{reason} The trials so far are returned, without a refit. The same call with the same `storage` and `study_name` "
        "runs the missing ones.",
        SeqclfWarning,
        stacklevel=4,
    )


def _warn_of_unmonitored_trials(study: optuna.Study, monitor: WorkerMonitor) -> None:
    running = [trial for trial in study.get_trials(deepcopy=False) if trial.state.name == "RUNNING"]
    if unmonitored := [trial.number for trial in running if not monitor.watches(trial)]:
        warnings.warn(
            f"Trials {unmonitored} are marked as running, in processes that cannot be monitored from here: on another host, in "
            "another container, or with a storage without heartbeats. They count towards `n_trials`; if their processes have "
            "died, increase it by their number.",
            SeqclfWarning,
            stacklevel=4,
        )
