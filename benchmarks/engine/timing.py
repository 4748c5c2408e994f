"""Time candidates in turn and compare medians, so that other load on the machine affects all of them alike."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence

import torch

Work = Callable[[], None]
SQUARE = 1024
TURN = 0.06
"""Seconds of one turn: shorter work is repeated within its turn."""


def measure(works: Mapping[str, Work], repetitions: int) -> dict[str, float]:
    """Return the median seconds of each work."""
    rounds = {name: _rounds(work) for name, work in works.items()}
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repetitions):
        for name, work in works.items():
            started = time.perf_counter()
            for _ in range(rounds[name]):
                work()
            seconds[name].append((time.perf_counter() - started) / rounds[name])
    return {name: statistics.median(values) for name, values in seconds.items()}


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest of the values that `percent` % of them do not exceed (nearest rank)."""
    return sorted(values)[math.ceil(percent / 100 * len(values)) - 1]


def _rounds(work: Work) -> int:
    """Warm up, and return how often to repeat a piece of work in its turn."""
    for _ in range(2):
        started = time.perf_counter()
        work()
        seconds = time.perf_counter() - started
        if seconds > 1.0:  # a first call takes longer, but not that much longer
            return 1
    return max(1, min(50, round(TURN / seconds)))


def matrix_product() -> Work:
    """Return a square float32 matrix product by torch: what the machine can do."""
    a, b, out = (torch.rand(SQUARE, SQUARE) for _ in range(3))

    def product() -> None:
        torch.mm(a, b, out=out)

    return product


def operations_of_product() -> float:
    """Return the number of multiplications and additions of `matrix_product`."""
    return 2.0 * SQUARE**3


def copy_speed() -> float:
    """Return the gigabytes per second that memory reads and writes, in a copy far larger than the caches."""
    source = torch.rand(2**26)
    target = torch.empty_like(source)

    def copy() -> None:
        target.copy_(source)

    seconds = measure({"copy": copy}, 5)["copy"]
    return 2 * source.nbytes / seconds / 1e9
