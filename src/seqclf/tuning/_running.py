"""The processes of a sweep: begun, watched, and interrupted."""

from __future__ import annotations

import contextlib
import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seqclf.exceptions import SeqclfWarning
from seqclf.tuning._process import Worker, wait_for_one
from seqclf.tuning._progress import Progress
from seqclf.tuning._state import Watch, bury_the_dead
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
        """Run the trials in processes of their own; where one dies, another takes its place and the others go on."""
        began, barren = self._begun(), 0
        workers = [Worker(self.work, self.place, self.n_jobs) for _ in range(self.n_jobs)]
        try:
            while workers:
                for worker in wait_for_one(workers):
                    workers.remove(worker)
                    if worker.end() == "done":
                        continue
                    began, barren = (now, 0) if (now := self._begun()) > began else (began, barren + 1)
                    if barren == _MOST_BARREN * self.n_jobs:
                        raise RuntimeError(
                            f"A process must begin a trial; {barren} in a row ended before. Is memory enough for "
                            f"n_jobs={self.n_jobs}, and can estimator, trackers and scoring be sent to a process?"
                        )
                    bury_the_dead(self.study, watch=self.watch)
                    late = self.work.deadline is not None and time.monotonic() >= self.work.deadline
                    if not late and next_step(self.study, self.work.n_trials, watch=self.watch) != "stop":
                        workers.append(Worker(self.work, self.place, self.n_jobs))
        finally:
            for worker in workers:
                worker.kill()

    def _begun(self) -> int:
        return len(self.study.get_trials(deepcopy=False))


_MOST_BARREN = 3
"""How often each process may end without that any has begun a trial."""
