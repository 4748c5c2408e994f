"""What does `fit(checkpoint=...)` cost: at the start, for each checkpoint, and as a share of the time of a fit?

    OMP_NUM_THREADS=1 python -m benchmarks.checkpoint --beats 20000 --repeats 5

Fits simulated beats in turn without a checkpoint, with one at the default interval, and with one after every 10 batches. Reports the
medians of the processor time of the fit and, from the third, the time of a single checkpoint, also on the clock, because waiting for the
disk takes no processor time. At the default interval, a checkpoint is written every 30 seconds. `--file PATH` trains on beats on disk.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from benchmarks.on_disk import targets, write
from numpy.typing import NDArray

from seqclf import GRUClassifier, Sequences
from seqclf.datasets import make_heartbeats
from seqclf.sequences import open_sequences

EVERY, INTERVAL = 10, 30.0
BATCH = 128


def times(
    X: Sequences, y: NDArray[Any], hidden_size: int, epochs: int, **options: Any
) -> NDArray[np.float64]:
    """Return processor and clock seconds of a fit."""
    model = GRUClassifier(hidden_size=hidden_size, max_epochs=epochs, batch_size=BATCH, random_state=0)
    before = np.array([time.process_time(), time.perf_counter()])
    model.fit(X, y, **options)
    taken: NDArray[np.float64] = np.array([time.process_time(), time.perf_counter()]) - before
    return taken


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checkpoint", description=__doc__)
    parser.add_argument("--beats", type=int, default=20_000)
    parser.add_argument("--hidden-size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--file", type=Path)
    given = parser.parse_args()
    if given.file is None:
        X, y = make_heartbeats(given.beats, random_state=0, return_X_y=True)
    else:
        if not given.file.exists():
            write(given.file, given.beats)
        X, y = open_sequences(given.file), targets(given.beats)
    found: dict[str, list[NDArray[np.float64]]] = {"without": [], "default": [], "every 10": []}
    with tempfile.TemporaryDirectory() as folder:
        for i in range(given.repeats + 1):
            for name, seconds in found.items():
                options: dict[str, Any] = (
                    {} if name == "without" else {"checkpoint": Path(folder) / f"{name}{i}"}
                )
                if name == "every 10":
                    options["checkpoint_every"] = EVERY
                seconds.append(times(X, y, given.hidden_size, given.epochs, **options))
        size = (Path(folder) / "default0").stat().st_size
    # The first round loads what later ones have.
    without, default, often = (
        [median(column) for column in zip(*one[1:], strict=True)] for one in found.values()
    )
    n_written = given.epochs * (-(-given.beats // BATCH)) // EVERY
    processor, clock = ((often[i] - default[i]) / n_written for i in (0, 1))
    print(f"fit without a checkpoint: {without[0]:.2f} s of processor time")
    print(f"with one at the default interval: {default[0]:.2f} s ({default[0] / without[0] - 1:+.1%})")
    print(
        f"a checkpoint of {size / 1e6:.2f} MB: {1e3 * processor:.1f} ms of processor time, {1e3 * clock:.1f} ms on the clock"
    )
    print(f"every {INTERVAL:.0f} seconds that is {clock / INTERVAL:.2%} of the time")


if __name__ == "__main__":
    main()
