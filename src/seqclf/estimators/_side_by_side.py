"""Fit estimators side by side, one thread each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from seqclf._inspection import uninspected
from seqclf._processes import run_side_by_side
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
        with uninspected():
            return getattr(estimator, self.method)(self.X, self.y, **self.keywords)


def fit_side_by_side(estimators: Sequence[Any], call: FitCall, n_jobs: int) -> Iterator[tuple[int, Any]]:
    """Yield the index and the fitted estimator of each fit that ends, in the order in which they end.

    On a GPU they run one after another in this process.
    """
    on_gpu = any(choose_device(getattr(one, "device", "cpu")).type != "cpu" for one in estimators)
    yield from run_side_by_side(call, estimators, 1 if on_gpu else n_jobs, stacklevel=5)
