"""Fit estimators side by side, one thread each."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from joblib import effective_n_jobs

from seqclf.estimators._training import choose_device


@dataclass(frozen=True, slots=True, kw_only=True)
class FitCall:
    """One call of `fit` or `partial_fit`: what an estimator learns from."""

    method: str
    X: Any
    y: Any
    keywords: dict[str, Any]

    def __call__(self, estimator: Any) -> Any:
        """Fit the estimator, and return it."""
        return getattr(estimator, self.method)(self.X, self.y, **self.keywords)


def fit_side_by_side(estimators: Sequence[Any], call: FitCall, n_jobs: int) -> Iterator[tuple[int, Any]]:
    """Yield the index and the fitted estimator of each fit that ends, in the order in which they end.

    Each fit computes on one thread, so that the result does not depend on `n_jobs`. On a GPU they run one after another in this
    process. Warnings of other processes are raised again in this one, each once.
    """
    n_jobs = min(effective_n_jobs(n_jobs), len(estimators))
    on_gpu = any(choose_device(getattr(one, "device", "cpu")).type != "cpu" for one in estimators)
    if n_jobs == 1 or on_gpu:
        for index, estimator in enumerate(estimators):
            with _one_thread():
                fitted = call(estimator)
            yield index, fitted
        return
    yield from _in_processes(estimators, call, n_jobs)


def _in_processes(estimators: Sequence[Any], call: FitCall, n_jobs: int) -> Iterator[tuple[int, Any]]:
    # Loky's processes need no `if __name__ == "__main__"` and take classes that are defined in a notebook.
    # They are kept for the next fit, as those of joblib are.
    from joblib.externals.loky import get_reusable_executor

    pool = get_reusable_executor(max_workers=n_jobs)
    shown: set[tuple[type[Warning], str]] = set()
    try:
        futures = {pool.submit(_fit_alone, call, one): index for index, one in enumerate(estimators)}
        for future in as_completed(futures):
            fitted, caught = future.result()
            for category, message in caught:
                if (category, message) not in shown:
                    shown.add((category, message))
                    warnings.warn(message, category, stacklevel=5)
            yield futures[future], fitted
    except (
        BaseException
    ):  # an error, an interrupt, or the caller stops reading: nobody needs what still trains
        pool.shutdown(kill_workers=True)
        raise


def _fit_alone(call: FitCall, estimator: Any) -> tuple[Any, list[tuple[type[Warning], str]]]:
    """Fit in another process; return the estimator and its warnings."""
    with warnings.catch_warnings(record=True) as caught, _one_thread():
        warnings.simplefilter("always")
        fitted = call(estimator)
    return fitted, [(one.category, str(one.message)) for one in caught]


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
