"""Run the workers of a sweep in processes, and replace those that die."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from joblib import cpu_count
from joblib.externals.loky import ProcessPoolExecutor

from seqclf.tuning._cross_validation import classifier_of
from seqclf.tuning._gpus import gpu_of_process
from seqclf.tuning._run_trials import next_step, run_in_worker
from seqclf.tuning._stale_trials import WorkerMonitor, requeue_stale_trials
from seqclf.tuning._study import SweepConfig

if TYPE_CHECKING:
    import optuna

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

MAX_FAILED_STARTS = 3
"""How often each process may die, in a row, before any of them begins a trial."""


class NoProcessStartsError(RuntimeError):
    """Processes die before they begin a trial."""


class Worker:
    """A process that runs trials.

    Processes are loky's, which need no `if __name__ == "__main__"` and take functions defined in a notebook. Each one has its
    own pool, because loky, like `concurrent.futures`, kills all processes of a pool when one of them dies.

    Each one, `number` of `n_jobs`, has its share of the cores, and one GPU where there are several.
    """

    def __init__(self, config: SweepConfig, storage: Any, number: int, n_jobs: int) -> None:
        self.number = number
        threads = str(max(1, cpu_count() // n_jobs))
        gpu = gpu_of_process(number, classifier_of(config.validation.estimator).device)
        self._pool = ProcessPoolExecutor(max_workers=1, env=dict.fromkeys(_THREADS, threads) | gpu)
        self.future = self._pool.submit(run_in_worker, config, storage, os.getpid())

    def result(self) -> BrokenExecutor | None:
        """Return None if the process finished, or the error if it died; raise what it raised."""
        error = self.future.exception()
        self._pool.shutdown(wait=False)
        if error is None or isinstance(error, BrokenExecutor):
            return error
        raise error

    def kill(self) -> None:
        """Kill the process."""
        self._pool.shutdown(kill_workers=True)


def run_in_processes(
    config: SweepConfig, storage: Any, study: optuna.Study, monitor: WorkerMonitor, *, n_jobs: int
) -> None:
    """Run trials in `n_jobs` processes; replace one that dies while the others continue."""
    n_begun, failed_starts = n_trials_begun(study), 0
    workers: list[Worker] = []
    try:
        for number in range(n_jobs):  # not a comprehension: if a start fails, those before it are killed
            workers.append(Worker(config, storage, number, n_jobs))  # noqa: PERF401
        while workers:
            wait([worker.future for worker in workers], return_when=FIRST_COMPLETED)
            for worker in [worker for worker in workers if worker.future.done()]:
                workers.remove(worker)
                if (death := worker.result()) is None:
                    continue
                before, n_begun = n_begun, n_trials_begun(study)
                failed_starts = 0 if n_begun > before else failed_starts + 1
                if not _is_work_left(config, study, monitor):
                    continue
                if failed_starts < MAX_FAILED_STARTS * n_jobs:
                    workers.append(Worker(config, storage, worker.number, n_jobs))
                elif not workers:  # a process that still runs may finish the sweep
                    raise NoProcessStartsError(
                        f"A process must begin a trial; {failed_starts} in a row died before that. Is there enough memory for "
                        f"n_jobs={n_jobs}, and can estimator, trackers and scoring be pickled?"
                    ) from death
    finally:
        _kill(workers)


def n_trials_begun(study: optuna.Study) -> int:
    """Return the number of trials in a study."""
    return len(study.get_trials(deepcopy=False))


def _is_work_left(config: SweepConfig, study: optuna.Study, monitor: WorkerMonitor) -> bool:
    requeue_stale_trials(study, monitor)
    in_time = config.deadline is None or time.monotonic() < config.deadline
    return in_time and next_step(study, config.n_trials, monitor) != "stop"


def _kill(workers: Sequence[Worker]) -> None:
    """Kill processes, in threads: a second Ctrl-C during this must not spare any of them."""
    with ThreadPoolExecutor(max_workers=max(1, len(workers))) as pool:
        pool.map(Worker.kill, workers)
