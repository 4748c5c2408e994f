"""One process of a measurement: `python -m benchmarks.scaling.worker step|network ...`; the first one prints JSON."""

from __future__ import annotations

import argparse
import json
import sys
import time
from statistics import median
from typing import Any

import torch

from seqclf import GRUClassifier, distributed
from seqclf.datasets import make_heartbeats
from seqclf.training import current_group

N_WARM = 1
"""Epochs that are not measured."""


class Stopwatch:
    """A callback that takes the time of each epoch: of the clock, and of the processor for this thread."""

    def __init__(self) -> None:
        self.times: list[tuple[float, float]] = []

    def on_epoch_end(self, record: Any) -> None:
        """Take the time."""
        self.times.append((time.perf_counter(), time.thread_time()))


def step(batch_size: int, n_beats: int, n_epochs: int) -> dict[str, float]:
    """Return the median time of a step."""
    X, y = make_heartbeats(n_beats, random_state=0, return_X_y=True)
    watch = Stopwatch()
    model = GRUClassifier(
        batch_size=batch_size, max_epochs=n_epochs + N_WARM + 1, callbacks=[watch], random_state=0
    ).fit(X, y)
    n_batches = -(-n_beats // batch_size)
    spans = [
        (after[0] - before[0], after[1] - before[1])
        for before, after in zip(watch.times[N_WARM:], watch.times[N_WARM + 1 :], strict=False)
    ]
    return {
        "batch_size": batch_size,
        "real_steps": float(X.lengths.sum()) / n_batches,
        "seconds": median([span[0] for span in spans] or [0.0]) / n_batches,
        "processor_seconds": median([span[1] for span in spans] or [0.0]) / n_batches,
        "parameters": sum(weights.numel() for weights in model.module_.parameters()),
        "features": X.n_features,
    }


def network(sizes: list[int], n_repeats: int) -> list[dict[str, float]]:
    """Return the median time of a sum over the processes, for each number of bytes.

    One follows on another: after a pause, some bytes would be sent at once, faster than the limit.
    """
    connection = current_group().connection
    assert connection is not None
    rows = []
    for size in sizes:
        values, times = torch.zeros(size // 4), []
        for _ in range(n_repeats):
            started = time.perf_counter()
            connection.sum(values)
            times.append(time.perf_counter() - started)
        rows.append({"bytes": size, "seconds": median(times)})
    return rows


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["step", "network"])
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--beats", type=int, default=2048)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="*", default=[])
    parser.add_argument("--repeats", type=int, default=50)
    given = parser.parse_args()
    with distributed() as group:
        found: Any
        if given.what == "step":
            found = step(given.batch_size, given.beats, given.epochs)
        else:
            found = network(given.sizes, given.repeats)
    if group.is_main:
        sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
