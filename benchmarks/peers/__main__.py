"""How fast do skorch, sktime and Keras do the work that seqclf does?

    python -m benchmarks.peers

Run from the repository's root, in seqclf's environment; the peers get one of their own. Same work for all: heartbeats
padded to 187 steps, two layers of 64 units, batch 128 in training and 512 in prediction, the same number of threads.
What each peer computes, and what it ignores, stands at the top of its file. Each runs in a process of its own, beside
one of seqclf; the two take turns, and medians are compared, so that what else the machine does touches both alike.
Beats are those of the MIT-BIH records where the environment variable SEQCLF_MITDB names their folder, else simulated.
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
from benchmarks.peers.conversation import ROOT, Conversation
from benchmarks.peers.environment import make_environment
from benchmarks.peers.measure import PEERS
from benchmarks.peers.work import BATCH, HIDDEN, LAYERS, MODELS, PREDICTION_BATCH, WIDTH, Beats

from seqclf import pad
from seqclf.datasets import AAMI_CLASSES

TASKS = {"train": "training", "predict": "prediction"}
Row = dict[str, Any]


def beats_of_work(n_beats: int) -> tuple[Beats, str]:
    """Return padded beats and where they come from."""
    sequences, names, source = draw_beats(n_beats)
    padded, lengths = pad(sequences, total_length=WIDTH)
    target = np.array([AAMI_CLASSES.index(name) for name in names], dtype=np.int64)
    return Beats(padded=padded.numpy(), lengths=lengths.numpy(), target=target), source


def compare(theirs: Conversation, ours: Conversation, n_beats: int, repetitions: int) -> Row:
    """Let two processes take turns at each task."""
    row: Row = {}
    for task, name in TASKS.items():
        answers: list[tuple[Row, Row]] = [(theirs.ask(task), ours.ask(task)) for _ in range(repetitions)]
        seconds = {
            "peer": median(their["seconds"] for their, _ in answers),
            "seqclf": median(our["seconds"] for _, our in answers),
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
                "peer": [theirs.introduction["first_loss"], answers[-1][0]["loss"]],
                "seqclf": [ours.introduction["first_loss"], answers[-1][1]["loss"]],
            }
    return row


def measure_pair(
    peer: str, model: str, pythons: dict[str, Path], data: Path, options: argparse.Namespace
) -> Row:
    """Start a peer and seqclf, and compare them."""

    def start(name: str) -> Conversation:
        arguments = ["--peer", name, "--model", model, "--data", str(data), "--threads", str(options.threads)]
        return Conversation(
            pythons.get(name, pythons["peers"]),
            arguments,
            threads=options.threads,
            log=data.with_name(f"{name}.log"),
        )

    with start(peer) as theirs, start("seqclf") as ours:
        row = compare(theirs, ours, options.sequences, options.repetitions)
        for who, side in (("peer", theirs), ("seqclf", ours)):
            row[f"{who}_versions"] = side.introduction["versions"]
            row[f"{who}_warm_up_seconds"] = side.introduction["warm_up_seconds"]
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
    parser = argparse.ArgumentParser(description="Time the peers beside seqclf.")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--models", nargs="+", choices=tuple(MODELS), default=list(MODELS))
    parser.add_argument("--sequences", type=int, default=1024, help="beats of one repetition")
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="for each process")
    parser.add_argument(
        "--learn", type=int, default=0, help="epochs to train after timing, to see accuracies"
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
    print(f"{len(beats)} {source} beats, mean length {record['mean_length']:.0f}; sequences a second, ratios")
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
