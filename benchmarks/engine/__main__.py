"""Time training and prediction of seqclf, and of torch's packed and padded recurrence.

    make bench

Data: heartbeats of the MIT-BIH records if the environment variable SEQCLF_MITDB is set to their folder, else simulated ones.
Network: two layers, a linear head on the last states, AdamW. A training step selects a batch from 1,024 beats, runs forward and
backward, and updates the weights. Torch's padded network runs over the 187 steps of the published table and reads the padding.
A square matrix product is timed in turn with them; the throughput relative to it counts only operations on real steps.

Prints the tables, and writes them to `results/bench.json` after each benchmark.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from benchmarks.beats import WIDTH, draw_beats
from benchmarks.engine import scaling
from benchmarks.engine.candidates import MODELS, Shape, candidates
from benchmarks.engine.profile import shares
from benchmarks.engine.timing import copy_speed, matrix_product, measure, operations_of_product

from seqclf import Sequences, as_sequences
from seqclf.kernels import status

Row = dict[str, Any]
BEATS = 1024
GRID = [(hidden, inputs) for hidden in (32, 64, 128, 256) for inputs in (1, 12)]


def row_of(
    shape: Shape, sequences: Sequences, batch: int, *, train: bool, repetitions: int, width: int = WIDTH
) -> Row:
    """Return the measurements of one network."""
    works = candidates(shape, sequences, width, batch, train=train)
    seconds = measure({**works, "matrix product": matrix_product()}, repetitions)
    steps = len(sequences.values) / len(sequences) * batch
    speed = shape.operations(int(steps), training=train) / seconds["seqclf"]
    product = operations_of_product() / seconds["matrix product"]
    return {
        "seconds": seconds,
        "sequences_per_second": batch / seconds["seqclf"],
        "over_torch_packed": seconds["torch packed"] / seconds["seqclf"],
        "over_torch_padded": seconds["torch padded"] / seconds["seqclf"],
        "gflops": speed / 1e9,
        "matrix_product_gflops": product / 1e9,
        "share_of_matrix_product": speed / product,
    }


def show(name: str, row: Row) -> Row:
    """Print a row."""
    print(
        f"  {name:22}{row['sequences_per_second']:10.0f}{row['over_torch_packed']:10.2f}x"
        f"{row['over_torch_padded']:9.2f}x{100 * row['share_of_matrix_product']:7.0f} %",
        flush=True,
    )
    return row


def table(title: str, sequences: Sequences, batch: int, *, train: bool, repetitions: int) -> dict[str, Row]:
    """Return the measurements of all models."""
    print(f"{title}: sequences/s, speedup over torch packed and padded, throughput as % of a matrix product")
    return {
        name: show(name, row_of(shape, sequences, batch, train=train, repetitions=repetitions))
        for name, shape in MODELS.items()
    }


def long_tail(sequences: Sequences, repetitions: int) -> dict[str, Row]:
    """Train on batches of 127 short sequences and one that is at least forty times as long."""
    short = [one[:50] for one in sequences[:127]]
    tail = as_sequences([*short, sequences.values[:2000]])
    print("Training, 127 sequences of at most 50 steps and one of 2,000")
    return {
        name: show(name, row_of(shape, tail, 128, train=True, repetitions=repetitions, width=2000))
        for name, shape in MODELS.items()
    }


def profile(sequences: Sequences) -> dict[str, dict[str, float]]:
    """Return the shares of a training step's time."""
    return {
        name: shares(candidates(shape, sequences, WIDTH, 128)["seqclf"]) for name, shape in MODELS.items()
    }


def grid(sequences: Sequences, repetitions: int) -> list[Row]:
    """Train networks of other sizes."""
    print("Training, other sizes")
    rows = []
    for hidden, inputs in GRID:
        for name, model in MODELS.items():
            shape = replace(model, hidden_size=hidden, input_size=inputs)
            row = row_of(shape, sequences, 128, train=True, repetitions=repetitions)
            show(f"{name} {hidden}, input {inputs}", row)
            rows.append({"model": name, "hidden_size": hidden, "input_size": inputs, **row})
    return rows


def main() -> None:
    """Run the selected benchmarks."""
    parser = argparse.ArgumentParser(description="Compare the speed of seqclf with torch's.")
    parser.add_argument("--repetitions", type=int, default=11)
    parser.add_argument("--grid-repetitions", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--out", type=Path, default=Path("results/bench.json"))
    parser.add_argument(
        "--parts", nargs="+", help="benchmarks to run; results of the others are kept; default: all"
    )
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    sequences, _, source = draw_beats(BEATS)
    many = options.repetitions
    parts: dict[str, Callable[[], Any]] = {
        "training": lambda: table("Training, batch 128", sequences, 128, train=True, repetitions=many),
        "prediction": lambda: table("Prediction, batch 512", sequences, 512, train=False, repetitions=many),
        "training_one": lambda: table("Training, batch 1", sequences, 1, train=True, repetitions=many),
        "prediction_one": lambda: table("Prediction, batch 1", sequences, 1, train=False, repetitions=many),
        "profile": lambda: profile(sequences),
        "long_tail": lambda: long_tail(sequences, many),
        "copy_gigabytes_per_second": copy_speed,
        "padding": lambda: scaling.padding(sequences, 4 * many),
        "memory": lambda: scaling.step_memory(list(MODELS)),
        "growth": scaling.growth,
        "grid": lambda: grid(sequences, options.grid_repetitions),
    }
    record: Row = json.loads(options.out.read_text()) if options.parts and options.out.exists() else {}
    record |= {
        "command": "make bench",
        "data": source,
        "mean_length": len(sequences.values) / BEATS,
        "threads": options.threads,
        "processors": os.cpu_count(),
        "machine": platform.machine(),
        "instruction_set": status().instruction_set,
        "torch": torch.__version__,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    for name in options.parts or parts:
        record[name] = parts[name]()
        if name in ("profile", "padding", "memory", "growth"):
            print(name, json.dumps(record[name], indent=1), flush=True)
        options.out.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
