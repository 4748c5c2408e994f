"""The processes of a sweep: begun, watched, and interrupted."""

from __future__ import annotations

import contextlib
import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seqclf.exceptions import SeqclfWarning
from seqclf.tuning._process import Worker, kill_all, wait_for_one
from seqclf.tuning._progress import Progress
from seqclf.tuning._state import Watch, bury_the_dead, fail_interrupted, will_be_missed
from seqclf.tuning._worker import Work, next_step, run_trials

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
        """Run the trials; return whether something ended that before."""
        with Progress(self.study, self.work.n_trials, shown=verbose, by_others=self.n_jobs > 1) as progress:
            try:
                if self.n_jobs == 1:
                    run_trials(self.work, self.study, watch=self.watch, tick=progress.update)
                else:
                    self._in_processes()
            except KeyboardInterrupt:
                with contextlib.suppress(KeyboardInterrupt):
                    fail_interrupted(self.study)
                self._warn("The sweep was interrupted.")
                return True
            except _NoProcessBeginsError as error:
                if not self._begun():
                    raise
                self._warn(str(error))
                return True
        self._warn_of_unwatched()
        return False

    def _warn(self, what: str) -> None:
        warnings.warn(
            f"{what} What was done until then is returned, not refitted. The same call with the same `storage` and "
            "`study_name` runs what is missing.",
            SeqclfWarning,
            stacklevel=4,
        )

    def _warn_of_unwatched(self) -> None:
        """Say which trials count and may be dead, for all that can be known here."""
        running = [trial for trial in self.study.get_trials(deepcopy=False) if trial.state.name == "RUNNING"]
        unwatched = [trial.number for trial in running if not will_be_missed(trial, watch=self.watch)]
        if unwatched:
            warnings.warn(
                f"Trials {unwatched} are marked as running, by processes that cannot be watched from here: of another host, "
                "of another container, or in a storage without heartbeats. They count; if they have ended, ask for as many "
                "trials more.",
                SeqclfWarning,
                stacklevel=4,
            )

    def _in_processes(self) -> None:
        """Run the trials in processes of their own; where one dies, another takes its place and the others go on."""
        began, barren = self._begun(), 0
        workers: list[Worker] = []
        try:
            for _ in range(self.n_jobs):  # one by one: if one does not come up, those before it are ended
                workers.append(self._new_worker())  # noqa: PERF401
            while workers:
                for worker in wait_for_one(workers):
                    workers.remove(worker)
                    if (why := worker.end()) is None:
                        continue
                    began, barren = (now, 0) if (now := self._begun()) > began else (began, barren + 1)
                    bury_the_dead(self.study, watch=self.watch)
                    late = self.work.deadline is not None and time.monotonic() >= self.work.deadline
                    if late or next_step(self.study, self.work.n_trials, watch=self.watch) == "stop":
                        continue
                    if barren < _MOST_BARREN * self.n_jobs:
                        workers.append(self._new_worker())
                    elif not workers:  # while one is at work it may do the rest
                        raise _NoProcessBeginsError(
                            f"A process must begin a trial; {barren} in a row ended before. Is memory enough for "
                            f"n_jobs={self.n_jobs}, and can estimator, trackers and scoring be sent to a process?"
                        ) from why
        finally:
            kill_all(workers)

    def _new_worker(self) -> Worker:
        return Worker(self.work, self.place, self.n_jobs)

    def _begun(self) -> int:
        return len(self.study.get_trials(deepcopy=False))


class _NoProcessBeginsError(RuntimeError):
    """Processes end before they begin a trial."""


_MOST_BARREN = 3
"""How often each process may end without that any has begun a trial."""
