"""What the scripts share: command line, beats, split, provenance of results."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
import torch
from numpy.typing import NDArray

import seqclf
from seqclf.datasets import Heartbeats, load_mitbih, make_heartbeats
from seqclf.evaluation import Split, stratified_split
from seqclf.sampling import BalancedSampler
from seqclf.training import TrainingSpec

Indices = NDArray[np.int64]

PLAIN: dict[str, Any] = {
    "batch_size": 128,
    "lr": 4e-3,
    "dropout": 0.0,
    "stem": None,
    "augmentation": None,
    "scale": None,  # each beat is scaled to [0, 1] when it is cut
}
"""The networks of the course notebook: nothing that seqclf chooses by the size of the data."""


def new_parser(description: str, *, beats: int) -> argparse.ArgumentParser:
    """Return a command line with the options that all scripts have."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, help="folder of the MIT-BIH records; default: simulate beats")
    parser.add_argument(
        "--beats", type=int, default=beats, help="number of beats to simulate (default: %(default)s)"
    )
    parser.add_argument("--train", type=int, help="number of training beats to use; default: all")
    parser.add_argument(
        "--epochs", type=int, help="default: 8 for simulated beats, the model's own for records"
    )
    parser.add_argument("--out", type=Path, help="folder for the results")
    return parser


def parse(
    parser: argparse.ArgumentParser,
    arguments: list[str] | None,
    *,
    records: str = "mitbih",
    simulated: str = "simulated",
) -> argparse.Namespace:
    """Parse the command line, and keep it as `command` without folders, on which results do not depend.

    Results of recorded and of simulated beats go to separate folders unless `--out` names one.
    """
    options = parser.parse_args(arguments)
    options.out = options.out or Path("results") / (records if options.data else simulated)
    options.command = words_of(arguments)
    if options.epochs is None and not options.data:
        options.epochs = 8
    return options


def words_of(arguments: list[str] | None) -> list[str]:
    """Return the words of the command line without folders."""
    words = sys.argv[1:] if arguments is None else arguments
    return [Path(word).name if os.sep in word else word for word in words]


def as_command(script: str, arguments: list[str] | None) -> str:
    """Return the command that runs a script, without folders, on which results do not depend."""
    return " ".join(["python", f"examples/{script}", *words_of(arguments)])


def read_beats(options: argparse.Namespace, *, seed: int) -> Heartbeats:
    """Return the recorded beats, or simulated ones."""
    if options.data:  # without the last beat of each record: exactly the classes of the published set
        return load_mitbih(options.data, drop_last_beat=True)
    return make_heartbeats(options.beats, random_state=seed)


def split_beats(target: NDArray[Any], n_train: int | None, *, seed: int) -> Split:
    """Hold out a stratified 20 % as the test set, and keep `n_train` of the other beats, all of them if None."""
    split = stratified_split(target, test_size=0.2, random_state=seed)
    if n_train is None or n_train >= len(split.train):
        return split
    kept = stratified_split(target[split.train], test_size=1 - n_train / len(split.train), random_state=seed)
    return Split(train=split.train[kept.train], test=split.test)


def half_balanced(spec: TrainingSpec, generator: torch.Generator) -> BalancedSampler:
    """Draw classes in proportion to the square root of their size."""
    return BalancedSampler(spec.target, strength=0.5, batch_size=spec.batch_size, generator=generator)


def provenance(script: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return how results were made."""
    return {
        "command": " ".join(["python", f"examples/{script}", *options.command]),
        "data": "MIT-BIH records" if options.data else "simulated beats",
        "versions": versions(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


def versions() -> dict[str, str]:
    """Return the versions that results depend on."""
    return {
        "seqclf": seqclf.__version__,
        "torch": torch.__version__,
        "scikit-learn": sklearn.__version__,
        "python": platform.python_version(),
    }


def replace_text(path: Path, text: str) -> None:
    """Write a file atomically; if that fails, the old file stays."""
    new = path.with_suffix(path.suffix + ".new")
    try:
        new.write_text(text)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
