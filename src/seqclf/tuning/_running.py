"""The processes of a sweep: begun, watched, and interrupted."""

from __future__ import annotations

import contextlib
import os
import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from joblib import Parallel, delayed, parallel_config

from seqclf.exceptions import SeqclfWarning
from seqclf.tuning._progress import Progress
from seqclf.tuning._state import Watch, bury_the_dead
from seqclf.tuning._worker import Work, next_step, run_trials, work_in_process

if TYPE_CHECKING:
    import optuna


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What is to be done, where it is kept, and by how many processes."""

    work: Work
    study: optuna.Study
    place: Any  # the storage as other processes can open it
    n_jobs: int
    watch: Watch  # how the dead are known

    def until_done(self, *, verbose: bool) -> bool:
        """Run the trials; return whether Ctrl-C ended that."""
        with Progress(self.study, self.work.n_trials, shown=verbose, by_others=self.n_jobs > 1) as progress:
            try:
                if self.n_jobs == 1:
                    run_trials(self.work, self.study, watch=self.watch, tick=progress.update)
                else:
                    self._in_processes()
            except KeyboardInterrupt:
                with contextlib.suppress(KeyboardInterrupt):
                    bury_the_dead(self.study, watch=self.watch)
                warnings.warn(
                    "The sweep was interrupted; what was done until then is returned, not refitted. The same call with "
                    "the same `storage` and `study_name` runs what is missing.",
                    SeqclfWarning,
                    stacklevel=3,
                )
                return True
        return False

    def _in_processes(self) -> None:
        """Run the trials in processes of their own; begin anew with those that are missing where one died."""
        threads = max(1, (os.cpu_count() or 1) // self.n_jobs)
        done, rounds = False, 0
        with parallel_config(backend="loky", inner_max_num_threads=threads):
            while not done:
                began = len(self.study.get_trials(deepcopy=False))
                with contextlib.suppress(_WorkerDiedError):
                    self._once()
                rounds = 0 if len(self.study.get_trials(deepcopy=False)) > began else rounds + 1
                if rounds == _MOST_ROUNDS:
                    raise RuntimeError(
                        f"A process must begin a trial; {rounds} times all of them ended before. Is memory enough for "
                        f"n_jobs={self.n_jobs}, and can estimator, trackers and scoring be sent to a process?"
                    )
                bury_the_dead(self.study, watch=self.watch)
                late = self.work.deadline is not None and time.monotonic() >= self.work.deadline
                done = late or next_step(self.study, self.work.n_trials, watch=self.watch) == "stop"

    def _once(self) -> None:
        try:
            Parallel(n_jobs=self.n_jobs)(
                delayed(work_in_process)(self.work, self.place) for _ in range(self.n_jobs)
            )
        except RuntimeError as error:
            if "worker process" not in str(error):  # joblib's own type is private
                raise
            raise _WorkerDiedError from error


_MOST_ROUNDS = 3
"""How often all processes may end without having begun a trial."""


class _WorkerDiedError(Exception):
    """A process was killed, by whomever: joblib then ends all of them."""
