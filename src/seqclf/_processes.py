"""Calls side by side, one thread each."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from contextlib import contextmanager
from typing import Any

import torch
from joblib import effective_n_jobs
from threadpoolctl import threadpool_info, threadpool_limits


def run_side_by_side(
    function: Callable[[Any], Any], arguments: Sequence[Any], n_jobs: int, *, stacklevel: int
) -> Iterator[tuple[int, Any]]:
    """Yield the index and the result of each call that ends, in the order in which they end.

    Each call computes on one thread, so that the result does not depend on `n_jobs`. Warnings of other processes are raised again in
    this one, each once; a `stacklevel` of 2 names the caller of this function.
    """
    n_jobs = min(effective_n_jobs(n_jobs), len(arguments))
    if n_jobs > 1:
        yield from _in_processes(function, arguments, n_jobs, stacklevel + 1)
        return
    for index, argument in enumerate(arguments):
        with at_most_threads(1):
            result = function(argument)
        yield index, result


def _in_processes(
    function: Callable[[Any], Any], arguments: Sequence[Any], n_jobs: int, stacklevel: int
) -> Iterator[tuple[int, Any]]:
    # Loky's processes need no `if __name__ == "__main__"` and take classes that are defined in a notebook.
    # Each call starts its own. There is only one pool that loky keeps, and it belongs to joblib: `joblib.Parallel` failed if it got
    # ours. Its idle processes end, too, and a call that was submitted at that moment waited for ever.
    from joblib.externals.loky import ProcessPoolExecutor

    pool = ProcessPoolExecutor(max_workers=n_jobs)
    shown: set[tuple[type[Warning], str]] = set()
    try:
        futures = {pool.submit(_call_alone, function, one): index for index, one in enumerate(arguments)}
        for future in as_completed(futures):
            result, caught = future.result()
            for category, message in caught:
                if (category, message) not in shown:
                    shown.add((category, message))
                    warnings.warn(message, category, stacklevel=stacklevel)
            yield futures[future], result
    except BaseException:  # an error, an interrupt, or the caller stops reading: nobody needs what still runs
        pool.shutdown(kill_workers=True)
        raise
    pool.shutdown()


def _call_alone(function: Callable[[Any], Any], argument: Any) -> tuple[Any, list[tuple[type[Warning], str]]]:
    """Call in another process; return the result and the warnings."""
    with warnings.catch_warnings(record=True) as caught, at_most_threads(1):
        warnings.simplefilter("always")
        result = function(argument)
    return result, [(one.category, str(one.message)) for one in caught]


@contextmanager
def at_most_threads(n_threads: int) -> Iterator[None]:
    """Limit the threads of torch and NumPy inside the block."""
    before = torch.get_num_threads()
    most = max((one["num_threads"] for one in threadpool_info()), default=0)
    with threadpool_limits(n_threads if most > n_threads else None):
        torch.set_num_threads(min(before, n_threads))
        try:
            yield
        finally:
            torch.set_num_threads(before)
