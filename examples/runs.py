"""Train each model with each seed once, and keep the results in a file."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from experiment import provenance, replace_text
from seqclf.datasets import Heartbeats
from seqclf.evaluation import Report, Split, evaluate

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A row of a table: how to make its classifier, and which sequences the classifier reads."""

    title: str
    make: Callable[[dict[str, Any]], Any]
    read: Callable[[Heartbeats], Any] = lambda beats: beats.sequences


def add_options(parser: argparse.ArgumentParser, *, seeds: list[int]) -> None:
    """Add the options of all scripts that train several models."""
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=seeds, help="a run for each (default: %(default)s)"
    )
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), help="models to train at once (default: %(default)s)"
    )


def run_missing(
    script: str,
    options: argparse.Namespace,
    path: Path,
    models: Mapping[str, Model],
    beats: Heartbeats,
    split: Split,
) -> dict[str, Row]:
    """Train each model with each seed unless the file holds that run; rewrite the file after each run; return its rows.

    Several models train at once, one thread each: that keeps the cores busier than several threads for one model.
    """
    rows: dict[str, Row] = json.loads(path.read_text()) if path.is_file() else {}
    order = [*rows, *(key for key in models if key not in rows)]
    protocol = {"n_train": len(split.train), "n_test": len(split.test), "epochs": options.epochs}
    made = provenance(script, options) | {"models_at_once": options.jobs}
    wanted = [
        (key, seed)
        for seed in options.seeds
        # Bidirectional models take twice as long: start them first, so that none runs alone at the end.
        for key in sorted(models, key=lambda key: "bidirectional" not in key)
        if seed not in seeds_of(rows, key, protocol, path)
    ]
    for key, run, proba in _run_all(options, models, beats, split, wanted):
        rows[key] = row_of(models[key].title, [*rows.get(key, {}).get("runs", []), run | protocol | made])
        rows = {name: rows[name] for name in order if name in rows}
        predictions = predictions_path(path, key, run["seed"])
        predictions.parent.mkdir(parents=True, exist_ok=True)
        np.save(predictions, proba)
        replace_text(path, json.dumps(rows, indent=1))
        print(f"{models[key].title}, seed {run['seed']}, {run['fit_seconds']:.0f} s", flush=True)
        print(f"{Report.from_dict(run['report'])}\n", flush=True)
    return rows


def predictions_path(path: Path, key: str, seed: int) -> Path:
    """Return the file of a run's probabilities, shape (n_test, n_classes): too large to be part of its results."""
    return path.parent / "predictions" / path.stem / f"{key}-{seed}.npy"


def seeds_of(rows: Mapping[str, Row], key: str, protocol: Mapping[str, Any], path: Path) -> set[int]:
    """Return the seeds that a row was run with; all runs in a file must follow the same protocol."""
    runs = rows.get(key, {"runs": []})["runs"]
    for run in runs:
        for name, value in protocol.items():
            if run[name] != value:
                raise SystemExit(
                    f"All runs in {path} must have {name}={value}; got {run[name]} for {key}, seed {run['seed']}. "
                    "Choose another folder with --out, or remove the file."
                )
    return {run["seed"] for run in runs}


def row_of(title: str, runs: list[dict[str, Any]]) -> Row:
    """Return a row: medians over its runs, and the runs sorted by seed."""
    runs = sorted(runs, key=lambda run: run["seed"])
    return {
        "title": title,
        "accuracy": float(np.median([run["report"]["accuracy"] for run in runs])),
        "macro_f1": float(np.median([run["report"]["macro"]["f1"] for run in runs])),
        "runs": runs,
    }


def run_once(
    model: Model, beats: Heartbeats, split: Split, *, seed: int, epochs: int | None
) -> tuple[dict[str, Any], np.ndarray[Any, Any]]:
    """Fit one model and score it once on the test set; return its results and its probabilities."""
    parameters: dict[str, Any] = {"random_state": seed}
    if epochs is not None:
        parameters["max_epochs"] = epochs
    classifier, samples = model.make(parameters), model.read(beats)
    started = time.perf_counter()
    classifier.fit(samples[split.train], beats.target[split.train])
    fitted = time.perf_counter()
    proba = classifier.predict_proba(samples[split.test])
    predicted = classifier.classes_[proba.argmax(axis=1)]
    ended = time.perf_counter()
    names = list(beats.target_names)
    known = classifier.classes_.tolist()
    columns = np.zeros((len(proba), len(names)))  # a class without training beats has probability 0
    columns[:, [names.index(name) for name in known]] = proba
    report = evaluate(beats.target[split.test], predicted, columns, labels=names)
    fitted_classifier = classifier[-1] if hasattr(classifier, "steps") else classifier
    run = {
        "seed": seed,
        "classifier": " ".join(repr(classifier).split()),
        "n_epochs": fitted_classifier.n_epochs_,
        "fit_seconds": round(fitted - started, 1),
        "predict_seconds": round(ended - fitted, 1),
        "report": report.to_dict(),
        "history": fitted_classifier.history_.to_dict(),
    }
    return run, columns.astype(np.float32)


def _run_all(
    options: argparse.Namespace,
    models: Mapping[str, Model],
    beats: Heartbeats,
    split: Split,
    wanted: list[tuple[str, int]],
) -> Iterator[tuple[str, dict[str, Any], np.ndarray[Any, Any]]]:
    """Yield each run as it finishes."""

    def one(key: str, seed: int) -> tuple[str, dict[str, Any], np.ndarray[Any, Any]]:
        return key, *run_once(models[key], beats, split, seed=seed, epochs=options.epochs)

    parallel = Parallel(n_jobs=min(options.jobs, max(1, len(wanted))), return_as="generator_unordered")
    yield from parallel(delayed(one)(key, seed) for key, seed in wanted)
