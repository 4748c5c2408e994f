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
LONG = 1.0
"""Seconds of work that needs no warm-up."""


def measure(works: Mapping[str, Work], repetitions: int) -> dict[str, float]:
    """Return the median seconds of each work."""
    rounds: dict[str, int] = {}
    seconds: dict[str, list[float]] = {}
    for name, work in works.items():
        rounds[name], seconds[name] = _warm_up(work)
    for turn in range(repetitions):
        for name, work in works.items():
            if turn < repetitions - 1 or len(seconds[name]) < repetitions:
                started = time.perf_counter()
                for _ in range(rounds[name]):
                    work()
                seconds[name].append((time.perf_counter() - started) / rounds[name])
    return {name: statistics.median(values) for name, values in seconds.items()}


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest of the values that `percent` % of them do not exceed (nearest rank)."""
    return sorted(values)[math.ceil(percent / 100 * len(values)) - 1]


def _warm_up(work: Work) -> tuple[int, list[float]]:
    """Return how often to repeat a piece of work in its turn, and the first measurement if the work is long.

    A first call allocates memory, which takes long compared with short work only.
    """
    for _ in range(2):
        started = time.perf_counter()
        work()
        seconds = time.perf_counter() - started
        if seconds > LONG:
            return 1, [seconds]
    return max(1, min(50, round(TURN / seconds))), []


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
