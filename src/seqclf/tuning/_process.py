"""One process of a sweep, seen from the one that waits for it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, wait
from threading import Thread
from typing import Any

from joblib import cpu_count
from joblib.externals.loky import ProcessPoolExecutor

from seqclf.tuning._worker import Work, work_in_process

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class Worker:
    """A process that runs trials until they are done.

    It is joblib's kind of process, which needs no `if __name__ == "__main__"` and takes functions of a notebook. Each has a
    pool of its own, since in a common one all end with the first that is killed.
    """

    def __init__(self, work: Work, storage: Any, n_jobs: int) -> None:
        threads = str(max(1, cpu_count() // n_jobs))
        self._pool = ProcessPoolExecutor(max_workers=1, env=dict.fromkeys(_THREADS, threads))
        self.future = self._pool.submit(work_in_process, work, storage, os.getpid())

    def end(self) -> BrokenExecutor | None:
        """Return what it died of, None if it is done; raise what it raised."""
        error = self.future.exception()
        self._pool.shutdown(wait=False)  # it leaves by itself, and nobody needs to wait for that
        if error is None or isinstance(error, BrokenExecutor):
            return error
        raise error

    def kill(self) -> None:
        """End it, whatever it does."""
        self._pool.shutdown(kill_workers=True)


def wait_for_one(workers: Sequence[Worker]) -> list[Worker]:
    """Wait until one of them has ended; return those that have."""
    wait([worker.future for worker in workers], return_when=FIRST_COMPLETED)
    return [worker for worker in workers if worker.future.done()]


def kill_all(workers: Sequence[Worker]) -> None:
    """End them at once, whatever they do: a second Ctrl-C, while the first ones end, spares none."""
    ends = [Thread(target=worker.kill) for worker in workers]
    for end in ends:
        end.start()
    for end in ends:
        end.join()
