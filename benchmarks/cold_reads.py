"""What does `block_shuffle` save on a file that is not in the system's cache?

    python -m benchmarks.cold_reads --file beats.safetensors --beats 8000000

For each order of the sequences, drops the file from the cache, reads the first batches of an epoch, and reports the seconds and how many
bytes came from the disk for each byte that was used. Orders take turns, and medians count. `benchmarks.on_disk` describes the file.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import time
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import torch
from benchmarks.on_disk import write

from seqclf.sampling import BlockShuffleSampler, ShuffleSampler
from seqclf.sequences import open_sequences

BATCH_SIZE = 128


def drop_from_cache(path: Path) -> None:
    """Drop a file, which nothing maps, from the system's cache."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def bytes_from_disk() -> int:
    """Return how many bytes this process has read from disks so far."""
    found = re.search(r"^read_bytes: (\d+)", Path("/proc/self/io").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


def read(path: Path, order: str, n_batches: int) -> dict[str, float]:
    """Read the first batches of an epoch; return seconds, and bytes from the disk for each that was used."""
    drop_from_cache(path)
    X = open_sequences(path)
    generator = torch.Generator().manual_seed(0)
    sampler: Any = (
        ShuffleSampler(len(X), batch_size=BATCH_SIZE, generator=generator)
        if order == "shuffled"
        else BlockShuffleSampler(X.lengths, batch_size=BATCH_SIZE, generator=generator)
    )
    batches = list(islice(sampler, n_batches))
    before, started, used = bytes_from_disk(), time.perf_counter(), 0
    for index in batches:
        values = X[index].values
        used += values.numel() * values.element_size()
    return {
        "seconds": time.perf_counter() - started,
        "bytes read for each used": (bytes_from_disk() - before) / used,
    }


def main() -> None:
    """Measure, and print the medians."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--beats", type=int, default=8_000_000)
    parser.add_argument("--batches", type=int, default=2_000)
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    if not given.file.exists():
        write(given.file, given.beats)
    runs: dict[str, list[dict[str, float]]] = {"shuffled": [], "block_shuffle": []}
    for _ in range(given.turns):
        for order, found in runs.items():
            found.append(read(given.file, order, given.batches))
    medians = {
        order: {name: median(run[name] for run in found) for name in found[0]}
        for order, found in runs.items()
    }
    print(json.dumps(medians, indent=2))


if __name__ == "__main__":
    main()
