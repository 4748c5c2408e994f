"""Reproduce the model table of the course document: eight recurrent classifiers of heartbeats.

    python examples/reproduce_models.py                                  # embedded beats, about 5 minutes
    python examples/reproduce_models.py --data path/to/mitdb --train 20000

Table: simple RNN packed and with 75 samples cut, GRU, GRU with a balancing sampler, GRU with z-score and augmentation,
bidirectional GRU, LSTM, bidirectional LSTM; 64 units, 2 layers, as in the document. Initialisation, summary, optimiser and
schedule are those of seqclf.

Data: beats that `make_heartbeats` generates, or those of the MIT-BIH Arrhythmia Database 1.0.0 (doi:10.13026/C2F305, Open
Data Commons Attribution License 1.0). A stratified 20 % of all beats is the test part, predicted once by each model.

Expected on the records with `--train 20000`: bidirectional GRU accuracy >= 0.970 and macro F1 >= 0.85; the script fails
below that (`--check`). On two CPU cores about 45 minutes there, about 4 on the embedded beats.

Writes `models.json`, `models.md`, `comparison.png` and one picture per model into `--out`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.pipeline import make_pipeline

from experiment import new_parser, parse, provenance, read_beats, replace_text, split_beats
from seqclf import GRUClassifier, LSTMClassifier, RNNClassifier, Sequences, ZScore, as_sequences, pad
from seqclf.datasets import Heartbeats
from seqclf.evaluation import Comparison, PublishedFigures, Report, compare, evaluate
from seqclf.transforms import Compose, Jitter, Scale

DOCUMENT = Path(__file__).with_name("course_document.json")
WIDTH = 187
CUT = 75
GOAL = {"accuracy": 0.970, "macro_f1": 0.85}


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A row of the table."""

    title: str
    make: Callable[[dict[str, Any]], Any]
    read: Callable[[Sequences], Any] = lambda sequences: sequences


def cut_by_hand(sequences: Sequences) -> Sequences:
    """Return what the document did: the padded table without its last 75 columns, zeros and all."""
    table = pad(sequences, total_length=WIDTH)[0][:, : WIDTH - CUT]
    return as_sequences(table, padding_value=None)


AUGMENTATION = Compose([Scale(0.1), Jitter(0.02)])

MODELS = {
    "rnn_packed": Model(title="Simple RNN, real lengths", make=lambda p: RNNClassifier(**p)),
    "rnn_trim75": Model(
        title="Simple RNN, 75 samples cut", make=lambda p: RNNClassifier(**p), read=cut_by_hand
    ),
    "gru": Model(title="GRU", make=lambda p: GRUClassifier(**p)),
    "gru_sampler": Model(
        title="GRU, balanced sampler", make=lambda p: GRUClassifier(sampler="balanced", **p)
    ),
    "gru_zscore_augmented": Model(
        title="GRU, z-score and augmentation",
        make=lambda p: make_pipeline(ZScore(), GRUClassifier(augmentation=AUGMENTATION, **p)),
    ),
    "gru_bidirectional": Model(
        title="Bidirectional GRU", make=lambda p: GRUClassifier(bidirectional=True, **p)
    ),
    "lstm": Model(title="LSTM", make=lambda p: LSTMClassifier(**p)),
    "lstm_bidirectional": Model(
        title="Bidirectional LSTM", make=lambda p: LSTMClassifier(bidirectional=True, **p)
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a model reached and how long that took."""

    report: Report
    fit_seconds: float
    predict_seconds: float


def main(arguments: list[str] | None = None) -> dict[str, Result]:
    """Run the script; return the results by model."""
    options = read_command_line(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    beats = read_beats(options, seed=options.seed)
    train, test = split_beats(beats.target, options.train, seed=options.seed)
    print(f"{beats}\n{len(train)} beats to train, {len(test)} to test\n", flush=True)
    parameters = {"random_state": options.seed, "verbose": True}
    if options.epochs is not None:
        parameters["max_epochs"] = options.epochs
    published = read_document()
    results: dict[str, Result] = {}
    for key, result in run_all(options, beats, train, test, parameters):
        results[key] = result
        print(f"\n{MODELS[key].title}, {result.fit_seconds:.0f} s\n{result.report}\n", flush=True)
        result.report.plot().savefig(options.out / f"{key}.png", dpi=120, bbox_inches="tight")
        # Written after each model: an interrupted run keeps what is done.
        table = side_by_side(results, published)
        write(options, beats, len(train), results, table)
    print(table)
    table.plot().savefig(options.out / "comparison.png", dpi=120, bbox_inches="tight")
    print(f"\nWritten to {options.out}/")
    return results


def run_all(
    options: argparse.Namespace,
    beats: Heartbeats,
    train: np.ndarray[Any, Any],
    test: np.ndarray[Any, Any],
    parameters: dict[str, Any],
) -> Iterator[tuple[str, Result]]:
    """Run the models, several at once, and yield them in the order asked for.

    The cores are shared out among the models at once: a model of its own keeps a core busier than a second thread of
    another model does.
    """
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // options.jobs))
    with ThreadPoolExecutor(options.jobs) as pool:
        # Two directions take twice as long: begun last, one of them would be left over alone.
        slow_first = sorted(options.models, key=lambda key: "bidirectional" not in key)
        futures = {key: pool.submit(run, MODELS[key], beats, train, test, parameters) for key in slow_first}
        for key in options.models:
            yield key, futures[key].result()


def run(
    model: Model,
    beats: Heartbeats,
    train: np.ndarray[Any, Any],
    test: np.ndarray[Any, Any],
    parameters: dict[str, Any],
) -> Result:
    """Fit one model and score it once on the test part."""
    classifier = model.make(parameters)
    started = time.perf_counter()
    classifier.fit(model.read(beats.sequences[train]), beats.target[train])
    fitted = time.perf_counter()
    proba = classifier.predict_proba(model.read(beats.sequences[test]))
    predicted = classifier.classes_[proba.argmax(axis=1)]
    ended = time.perf_counter()
    names = list(beats.target_names)
    columns = [classifier.classes_.tolist().index(name) for name in names]
    report = evaluate(beats.target[test], predicted, proba[:, columns], labels=names)
    return Result(report=report, fit_seconds=fitted - started, predict_seconds=ended - fitted)


def read_document() -> dict[str, PublishedFigures]:
    """Return the document's figures, where it gives any."""
    models: Mapping[str, Any] = json.loads(DOCUMENT.read_text())["models"]
    return {
        key: PublishedFigures.from_dict(figures) for key, figures in models.items() if "accuracy" in figures
    }


def side_by_side(results: Mapping[str, Result], published: Mapping[str, PublishedFigures]) -> Comparison:
    """Put each model below the document's."""
    rows: dict[str, Report | PublishedFigures] = {}
    pairs: dict[str, str] = {}
    for key, result in results.items():
        title = MODELS[key].title
        if key in published:
            pairs[title] = f"{title} (document)"
            rows[pairs[title]] = published[key]
        rows[title] = result.report
    return compare(rows, reference=pairs or None)


def write(
    options: argparse.Namespace,
    beats: Heartbeats,
    n_train: int,
    results: Mapping[str, Result],
    table: Comparison,
) -> None:
    """Write the results so far as JSON and Markdown."""
    record = provenance("reproduce_models.py", options)
    record |= {
        "machine": f"{record['machine']}, {options.jobs} models at once",
        "n_beats": len(beats.target),
        "n_train": n_train,
        "seed": options.seed,
        "models": {
            key: {
                "title": MODELS[key].title,
                "accuracy": result.report.accuracy,
                "macro_f1": result.report.macro_f1,
                "fit_seconds": round(result.fit_seconds, 1),
                "predict_seconds": round(result.predict_seconds, 1),
                "runs": [{"seed": options.seed, "report": result.report.to_dict()}],
            }
            for key, result in results.items()
        },
    }
    replace_text(options.out / "models.json", json.dumps(record, indent=1))
    sections = [
        f"# {record['data']}: {n_train} beats to train\n\n`{record['command']}`\n\n{table.to_markdown()}"
    ]
    sections += [
        f"## {MODELS[key].title}\n\n{result.report.to_markdown()}" for key, result in results.items()
    ]
    replace_text(options.out / "models.md", "\n\n".join(sections) + "\n")


def read_command_line(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = new_parser("Reproduce the model table of the course document.", beats=4000)
    parser.add_argument(
        "--seed", type=int, default=0, help="of split, weights and batches (default: %(default)s)"
    )
    parser.add_argument(
        "--models", nargs="+", choices=MODELS, default=list(MODELS), metavar="MODEL", help="rows to run"
    )
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), help="models at once (default: %(default)s)"
    )
    parser.add_argument("--check", action="store_true", help="fail if the bidirectional GRU misses its goal")
    options = parse(parser, arguments)
    options.out = options.out or Path("results") / ("records" if options.data else "embedded")
    return options


def check(results: Mapping[str, Result]) -> None:
    """Exit with an error if the bidirectional GRU falls short."""
    report = results["gru_bidirectional"].report
    for name, least in GOAL.items():
        if getattr(report, name) < least:
            sys.exit(f"Bidirectional GRU: {name} must be at least {least}; got {getattr(report, name):.4f}.")


if __name__ == "__main__":
    done = main()
    if "--check" in sys.argv:
        check(done)
