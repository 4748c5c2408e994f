"""What does it cost to train on data on disk: time against data in memory, and memory against the size of the file?

    python -m benchmarks.on_disk --beats 8000000 --file beats.safetensors

Writes simulated beats to the file, if it does not exist (8 million take 4 GB). Then trains on a part of them, in memory and from the
file in turn, with `sampler=None` and "block_shuffle", and reports the medians of the seconds of an epoch; the file is in the
system's cache, because it was just written or read. At last it trains one epoch on all beats and reports how much resident memory
(`VmHWM`) the process needed beyond what it took for a small fit. `--json PATH` writes the figures.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf import GRUClassifier, Sequences
from seqclf.datasets import make_heartbeats
from seqclf.sequences import SequenceWriter, open_sequences

BATCH = 50_000
Sampler = Literal["block_shuffle"] | None
SAMPLERS: tuple[Sampler, ...] = (None, "block_shuffle")


def write(path: Path, n_beats: int) -> None:
    """Write beats: the same simulated ones again and again, each time with other noise."""
    beats, _ = make_heartbeats(BATCH, random_state=0, return_X_y=True)
    generator = torch.Generator().manual_seed(0)
    with SequenceWriter(path) as writer:
        while writer.n_sequences < n_beats:
            noise = torch.randn(beats.values.shape, generator=generator)
            noisy = beats.with_values(beats.values + 0.02 * noise)
            writer.append(noisy[: n_beats - writer.n_sequences])
            print(f"\r{writer.n_sequences:,} beats", end="", flush=True)
    print(f"\r{n_beats:,} beats, {path.stat().st_size / 1e9:.2f} GB")


def targets(n_beats: int) -> NDArray[np.str_]:
    """Return the class of each beat."""
    _, y = make_heartbeats(BATCH, random_state=0, return_X_y=True)
    return np.tile(y, -(-n_beats // BATCH))[:n_beats]


def seconds(X: Sequences, y: NDArray[np.str_], size: Mapping[str, Any], sampler: Sampler) -> float:
    """Return the time of an epoch."""
    model = GRUClassifier(**size, batch_size=128, max_epochs=1, sampler=sampler, random_state=0)
    return model.fit(X, y).history_.epochs[0].seconds


def peak_memory() -> int:
    """Return the most bytes that were resident since the last call."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    Path("/proc/self/clear_refs").write_text("5")
    return 1024 * int(found[1])


def compare(path: Path, n_part: int, turns: int, size: Mapping[str, Any]) -> dict[str, Any]:
    """Train on a part in memory and from the file in turn."""
    on_disk = open_sequences(path)
    y = targets(len(on_disk))
    part, y_part = on_disk[:n_part], y[:n_part]
    in_memory = Sequences(part.values.clone(), part.offsets.clone())
    figures: dict[str, Any] = {"beats of a part": n_part}
    ways: dict[str, tuple[Sequences, Sampler]] = {"in memory": (in_memory, None)} | {
        f"on disk, {name or 'shuffled'}": (part, name) for name in SAMPLERS
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(turns):
        for way, (X, sampler) in ways.items():
            times[way].append(seconds(X, y_part, size, sampler))
    figures["seconds of an epoch"] = {way: median(values) for way, values in times.items()}
    memory = figures["seconds of an epoch"]["in memory"]
    figures["rate, of that in memory"] = {
        way: memory / value for way, value in figures["seconds of an epoch"].items()
    }
    return figures


def train_on_all(path: Path, size: Mapping[str, Any]) -> dict[str, Any]:
    """Train an epoch on all beats of the file."""
    on_disk = open_sequences(path)
    y = targets(len(on_disk))
    seconds(on_disk[:BATCH], y[:BATCH], size, "block_shuffle")
    peak_memory()
    before = peak_memory()
    return {
        "beats": len(on_disk),
        "bytes": path.stat().st_size,
        "seconds of the epoch of all": seconds(on_disk, y, size, "block_shuffle"),
        "bytes of memory beyond a small fit": peak_memory() - before,
    }


def main() -> None:
    """Write, measure, report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--beats", type=int, default=8_000_000)
    parser.add_argument("--part", type=int, default=20_000, help="beats of the fits that are compared")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--hidden-size", type=int, default=64)
    parser.add_argument("--num-layers", type=int, default=2)
    parser.add_argument("--parts", nargs="*", choices=["part", "all"], default=["part", "all"])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if sys.platform != "linux":
        parser.error("memory is read from /proc, which this system does not have")
    if not given.file.exists():
        write(given.file, given.beats)
    size = {"hidden_size": given.hidden_size, "num_layers": given.num_layers}
    figures: dict[str, Any] = {}
    if "part" in given.parts:
        figures |= compare(given.file, given.part, given.turns, size)
        print(json.dumps(figures, indent=2), flush=True)
    if "all" in given.parts:
        figures |= train_on_all(given.file, size)
        print(json.dumps(figures, indent=2))
    if given.json is not None:
        given.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
