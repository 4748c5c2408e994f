"""Time candidates in turn and compare medians, so that other load on the machine affects all of them alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

import torch

Work = Callable[[], None]
SQUARE = 1024
TURN = 0.02
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


def _rounds(work: Work) -> int:
    """Warm up, and return how often to repeat a piece of work in its turn."""
    work()
    started = time.perf_counter()
    work()
    return max(1, min(50, round(TURN / (time.perf_counter() - started))))


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
