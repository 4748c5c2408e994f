"""Time training and prediction of seqclf, and of torch's packed and padded recurrence.

    make bench
    python -m benchmarks.engine --parts latency shared

Data: heartbeats of the MIT-BIH records if the environment variable SEQCLF_MITDB is set to their folder, else simulated ones.
Network: two layers, a linear head on the last states, AdamW. A training step selects a batch from 1,024 beats, runs forward and
backward, and updates the weights. Torch's padded network runs over the 187 steps of the published table and reads the padding.
A square matrix product is timed in turn with them; the throughput relative to it counts only operations on real steps.

Prints the tables, and writes them to `results/bench.json` after each benchmark. `python -m benchmarks.engine.floors` then compares
them with what must be reached.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from benchmarks.beats import WIDTH, draw_beats
from benchmarks.engine import scaling
from benchmarks.engine.candidates import MODELS, candidates
from benchmarks.engine.instruction_sets import measure_older_sets
from benchmarks.engine.latency import latency
from benchmarks.engine.profile import shares
from benchmarks.engine.shared import shared
from benchmarks.engine.streaming import streaming
from benchmarks.engine.tables import GRID, Row, Size, grid, long_tail, table
from benchmarks.engine.timing import copy_speed

from seqclf import Sequences
from seqclf.kernels import status

BEATS = 1024
CALLS = 40
"""Single predictions, for each repetition, of which latency is the percentile."""
STEPS = 2000
"""Steps of a stream, for each repetition, of which latency is the percentile."""


def profile(sequences: Sequences) -> dict[str, dict[str, float]]:
    """Return the shares of a training step's time."""
    return {
        name: shares(candidates(shape, sequences, WIDTH, 128)["seqclf"]) for name, shape in MODELS.items()
    }


def size(text: str) -> Size:
    """Read units and features from a text like "128x1"."""
    hidden, inputs = text.split("x")
    return int(hidden), int(inputs)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Compare the speed of seqclf with torch's.")
    parser.add_argument("--repetitions", type=int, default=9)
    parser.add_argument(
        "--long-repetitions", type=int, default=3, help="of the grid, the long sequence and older sets"
    )
    parser.add_argument("--sizes", nargs="+", type=size, default=GRID, help="UNITSxFEATURES of the grid")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--out", type=Path, default=Path("results/bench.json"))
    parser.add_argument(
        "--parts", nargs="+", help="benchmarks to run; results of the others are kept; default: all"
    )
    return parser.parse_args()


def parts(sequences: Sequences, options: argparse.Namespace) -> dict[str, Callable[[], Any]]:
    """Return the benchmarks by name."""
    many, few, threads = options.repetitions, options.long_repetitions, options.threads
    instruction_set = status().instruction_set or "none"
    return {
        "training": lambda: table("Training, batch 128", sequences, 128, train=True, repetitions=many),
        "prediction": lambda: table("Prediction, batch 512", sequences, 512, train=False, repetitions=many),
        "training_one": lambda: table("Training, batch 1", sequences, 1, train=True, repetitions=many),
        "prediction_one": lambda: table("Prediction, batch 1", sequences, 1, train=False, repetitions=many),
        "latency": lambda: latency(sequences, CALLS * many, threads),
        "latency_512": lambda: latency(sequences, 4 * many, threads, batch=512),
        "streaming": lambda: streaming(STEPS * many),
        "profile": lambda: profile(sequences),
        "long_tail": lambda: long_tail(sequences, few),
        "copy_gigabytes_per_second": copy_speed,
        "padding": lambda: scaling.padding(sequences, 4 * many),
        "memory": lambda: scaling.step_memory(list(MODELS), min(many, 5)),
        "growth": scaling.growth,
        "shared": lambda: shared(min(many, 5)),
        "grid": lambda: grid(sequences, few, options.sizes),
        "instruction_sets": lambda: measure_older_sets(instruction_set, threads, few),
    }


def start_record(kept: Row, source: str, threads: int) -> Row:
    """Return the conditions of this run, which must be those of results that are kept."""
    conditions = {
        "command": "make bench",
        "data": source,
        "threads": threads,
        "processors": os.cpu_count(),
        "machine": platform.machine(),
        "instruction_set": status().instruction_set,
        "torch": torch.__version__,
        "torch_capability": torch.backends.cpu.get_cpu_capability(),
    }
    for name, value in conditions.items():
        if kept.get(name, value) != value:
            raise SystemExit(
                f"Results that are kept must be of the same conditions; {name} was {kept[name]!r}, and is {value!r}."
                " Measure everything, or name another file with --out."
            )
    return conditions


def main() -> None:
    """Run the selected benchmarks."""
    options = parse()
    torch.set_num_threads(options.threads)
    sequences, _, source = draw_beats(BEATS)
    kept: Row = json.loads(options.out.read_text()) if options.parts and options.out.exists() else {}
    record = kept | start_record(kept, source, options.threads)
    record["mean_length"] = len(sequences.values) / BEATS
    options.out.parent.mkdir(parents=True, exist_ok=True)
    every = parts(sequences, options)
    chosen = {name: every[name] for name in options.parts or every}
    for name, benchmark in chosen.items():
        started = time.perf_counter()
        record[name] = benchmark()
        if name in ("profile", "padding", "memory", "growth"):
            print(name, json.dumps(record[name], indent=1), flush=True)
        print(f"{name}: {time.perf_counter() - started:.0f} s", flush=True)
        options.out.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
