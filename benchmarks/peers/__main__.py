"""Compare the speed of skorch, sktime and Keras with that of seqclf.

    python -m benchmarks.peers

Run from the root of the repository, in seqclf's environment; the peers get a separate one. The work is the same for all: heartbeats
padded to 187 steps, two layers of 64 units, batch 128 in training and 512 in prediction, the same number of threads.
The docstring of each peer's module says what the peer computes, and what it ignores. Each peer runs in its own process, next to
one of seqclf; the two run in turn, and medians are compared, so that other load on the machine affects both alike.
Beats are those of the MIT-BIH records if the environment variable SEQCLF_MITDB is set to their folder, else simulated ones.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from benchmarks.beats import draw_beats
from benchmarks.peers.environment import make_environment
from benchmarks.peers.measure import PEERS
from benchmarks.peers.work import BATCH, HIDDEN, LAYERS, MODELS, PREDICTION_BATCH, WIDTH, Beats
from benchmarks.process import ROOT, ServingProcess, limited_environment

from seqclf import pad
from seqclf.datasets import AAMI_CLASSES

TASKS = {"train": "training", "predict": "prediction"}
Row = dict[str, Any]


def beats_of_work(n_beats: int) -> tuple[Beats, str]:
    """Return padded beats and their source."""
    sequences, names, source = draw_beats(n_beats)
    padded, lengths = pad(sequences, total_length=WIDTH)
    target = np.array([AAMI_CLASSES.index(name) for name in names], dtype=np.int64)
    return Beats(padded=padded.numpy(), lengths=lengths.numpy(), target=target), source


def compare(theirs: ServingProcess, ours: ServingProcess, n_beats: int, repetitions: int) -> Row:
    """Run each task in two processes in turn."""
    row: Row = {}
    for task, name in TASKS.items():
        pairs: list[tuple[Row, Row]] = [(theirs.ask(task), ours.ask(task)) for _ in range(repetitions)]
        seconds = {
            "peer": median(their["seconds"] for their, _ in pairs),
            "seqclf": median(our["seconds"] for _, our in pairs),
        }
        row[name] = {
            "ratio": seconds["peer"] / seconds["seqclf"],
            **{f"{who}_sequences_per_second": n_beats / value for who, value in seconds.items()},
            **{f"{who}_seconds": value for who, value in seconds.items()},
        }
        if task == "train":
            steps = -(-n_beats // BATCH)
            row[name] |= {f"{who}_seconds_per_step": value / steps for who, value in seconds.items()}
            row["loss"] = {
                "peer": [theirs.warm_up["first_loss"], pairs[-1][0]["loss"]],
                "seqclf": [ours.warm_up["first_loss"], pairs[-1][1]["loss"]],
            }
    return row


def measure_pair(
    peer: str, model: str, pythons: dict[str, Path], data: Path, options: argparse.Namespace
) -> Row:
    """Start a peer and seqclf, and compare them."""

    def start(name: str) -> ServingProcess:
        arguments = ["--peer", name, "--model", model, "--data", str(data), "--threads", str(options.threads)]
        return ServingProcess(
            pythons.get(name, pythons["peers"]),
            name,
            ["benchmarks.peers.measure", "--serve", *arguments],
            environment=limited_environment(options.threads),
            log=data.with_name(f"{name}.log"),
        )

    with start(peer) as theirs, start("seqclf") as ours:
        row = compare(theirs, ours, options.sequences, options.repetitions)
        for who, side in (("peer", theirs), ("seqclf", ours)):
            row[f"{who}_versions"] = side.warm_up["versions"]
            row[f"{who}_warm_up_seconds"] = side.warm_up["warm_up_seconds"]
        if options.learn:
            row["accuracy"] = {
                "epochs": options.learn,
                **{
                    who: side.ask(f"learn {options.learn}")["accuracy"]
                    for who, side in (("peer", theirs), ("seqclf", ours))
                },
            }
    return row


def print_row(model: str, peer: str, row: Row) -> None:
    """Print one line of the table."""
    cells = "".join(
        f"{row[task]['peer_sequences_per_second']:12.0f}{row[task]['seqclf_sequences_per_second']:9.0f}"
        f"{row[task]['ratio']:8.2f}x"
        for task in TASKS.values()
    )
    accuracy = row.get("accuracy")
    learnt = f"{accuracy['peer']:10.3f}{accuracy['seqclf']:9.3f}" if accuracy else ""
    print(f"{model:7}{peer:18}{cells}{learnt}", flush=True)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Compare the speed of the peers with seqclf's.")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--models", nargs="+", choices=tuple(MODELS), default=list(MODELS))
    parser.add_argument("--sequences", type=int, default=1024, help="number of beats")
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument(
        "--threads", type=int, default=torch.get_num_threads(), help="threads of each process"
    )
    parser.add_argument(
        "--learn", type=int, default=0, help="epochs to train after timing, to compare accuracy"
    )
    parser.add_argument("--environment", type=Path, default=ROOT / "build" / "peers")
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "bench_peers.json")
    return parser.parse_args()


def main() -> None:
    """Measure all pairs, print the table and write it."""
    options = parse()
    beats, source = beats_of_work(options.sequences)
    pythons = {"seqclf": Path(sys.executable), "peers": make_environment(options.environment)}
    record: Row = {
        "command": shlex.join(["python", "-m", "benchmarks.peers", *sys.argv[1:]]),
        "threads": options.threads,
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "data": source,
        "sequences": len(beats),
        "mean_length": float(beats.lengths.mean()),
        "majority_share": float(np.bincount(beats.target).max() / len(beats)),
        "width": WIDTH,
        "training_batch": BATCH,
        "prediction_batch": PREDICTION_BATCH,
        "hidden_size": HIDDEN,
        "num_layers": LAYERS,
        "repetitions": options.repetitions,
        "models": {model: {} for model in options.models},
    }
    print(f"{len(beats)} {source} beats, mean length {record['mean_length']:.0f}; sequences/s and ratios")
    print(f"{'':25}{'training':>12}{'seqclf':>9}{'ratio':>9}{'prediction':>12}{'seqclf':>9}{'ratio':>9}")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "beats.npz"
        beats.save(data)
        for model in options.models:
            for peer in options.peers:
                row = measure_pair(peer, model, pythons, data, options)
                record["models"][model][peer] = row
                print_row(model, peer, row)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
