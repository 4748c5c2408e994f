"""Speed of all models in a task: compared with torch, and with a matrix product."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from benchmarks.beats import WIDTH
from benchmarks.engine.candidates import MODELS, Shape, candidates
from benchmarks.engine.timing import matrix_product, measure, operations_of_product

from seqclf import Sequences, as_sequences

Row = dict[str, Any]
Size = tuple[int, int]
GRID: list[Size] = [(32, 1), (32, 12), (64, 12), (128, 1), (256, 1)]
"""Units and features; 64 units and one feature are in the main table."""


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


def grid(sequences: Sequences, repetitions: int, sizes: list[Size]) -> list[Row]:
    """Train networks of other sizes."""
    print("Training, other sizes")
    rows = []
    for hidden, inputs in sizes:
        for name, model in MODELS.items():
            shape = replace(model, hidden_size=hidden, input_size=inputs)
            row = row_of(shape, sequences, 128, train=True, repetitions=repetitions)
            show(f"{name} {hidden}, input {inputs}", row)
            rows.append({"model": name, "hidden_size": hidden, "input_size": inputs, **row})
    return rows
