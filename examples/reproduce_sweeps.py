"""Both sweep tables of the course document: its configurations as they stand there, and sweeps of ours beside them.

    python examples/reproduce_sweeps.py                                           # embedded beats, a few minutes
    python examples/reproduce_sweeps.py --data path/to/mitdb --epochs 6 --seeds 0

The document tuned its GRU and its LSTM with W&B sweeps and lists six configurations of each, some of them unstable. Each is
trained here with the cell, width, depth, direction and learning rate listed, and scored on the stratified 20 % test part of
`reproduce_models.py`. Initialisation, summary, optimiser and schedule are those of seqclf.

Then `seqclf.tuning.sweep` looks through the document's space and, as the document did not, through larger models behind a
convolutional stem. It chooses on a validation part of the training beats (`--sweep-train` of them); the best configuration of
each cell is then trained like the others, and scored once on the test part.

Writes `sweeps.json`, `sweeps.md`, and of each sweep `sweep_CELL.json` and `sweep_CELL.png` into `--out`. What is there already is
not run again; `--journal` keeps the trials of a sweep that was interrupted.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from best_model import validation_split
from experiment import new_parser, parse, provenance, read_beats, replace_text, split_beats
from reproduce_models import DOCUMENT, RECIPE
from runs import Model, Row, add_options, run_missing
from seqclf import GRUClassifier, LSTMClassifier, RecurrentClassifier
from seqclf.datasets import Heartbeats
from seqclf.evaluation import Split, stratified_split
from seqclf.tuning import NOTEBOOK_GRU, NOTEBOOK_LSTM, Choice, Either, LogUniform, SweepResult, sweep

CELLS: dict[str, type[RecurrentClassifier]] = {"gru": GRUClassifier, "lstm": LSTMClassifier}
LARGER = {
    "stem": "conv",
    "hidden_size": Choice([64, 128, 192]),
    "num_layers": Choice([1, 2]),
    "bidirectional": Choice([False, True]),
    "dropout": Choice([0.0, 0.2]),
    "lr": LogUniform(1e-3, 2e-2),
}
SPACES = {
    "gru": {"family": Either([NOTEBOOK_GRU, LARGER])},
    "lstm": {"family": Either([{**NOTEBOOK_LSTM, "bidirectional": Choice([False, True])}, LARGER])},
}
SMOOTHING = 0.1
"""The document says that it smoothed labels, not how much."""
ENOUGH_TO_SCORE = 4000
"""Held-out beats that tell models apart: more would take longer to score after each epoch than to train on."""


def listed(cell: str, run: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a configuration of the document."""
    return {
        "hidden_size": run["hidden_size"],
        "num_layers": run["num_layers"],
        # The LSTM kept in the end has the scores of the bidirectional row of the model table.
        "bidirectional": run.get("bidirectional", cell == "lstm" and run["run"] == "original"),
        "lr": run["learning_rate"],
        "label_smoothing": SMOOTHING if run.get("label_smoothing") else 0.0,
    }


def model_of(cell: str, title: str, found: Mapping[str, Any]) -> Model:
    """Return a row of the table."""
    return Model(title=title, make=lambda p: CELLS[cell](**{**RECIPE, **found, **p}))


def main(arguments: list[str] | None = None) -> dict[str, Row]:
    """Run the script; return the rows of the table."""
    options = read_command_line(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    beats = read_beats(options, seed=0)
    split = split_beats(beats.target, options.train, seed=0)
    print(f"{beats}\n{len(split.train)} beats to train, {len(split.test)} to test\n", flush=True)
    models = {
        f"{cell}_{i}": model_of(cell, f"{cell.upper()}, run {run['run']}", listed(cell, run))
        for cell in options.cells
        for i, run in enumerate(read_document()[cell], start=1)
        if f"{cell}_{i}" in options.rows
    }
    path = options.out / "sweeps.json"
    rows = run_missing("reproduce_sweeps.py", options, path, models, beats, split)
    if not options.listed_only:
        found = {cell: best_params(cell, beats, options) for cell in options.cells}
        models |= {
            f"{cell}_ours": model_of(cell, f"{cell.upper()}, found by the sweep", parameters)
            for cell, parameters in found.items()
        }
        rows = run_missing("reproduce_sweeps.py", options, path, models, beats, split)
    replace_text(options.out / "sweeps.md", table(rows, options.out) + "\n")
    print(table(rows, options.out))
    return rows


def best_params(cell: str, beats: Heartbeats, options: argparse.Namespace) -> dict[str, Any]:
    """Return what the sweep of a cell found; look it up where it was run already."""
    path = options.out / f"sweep_{cell}.json"
    if not path.is_file():
        result = run_sweep(cell, beats, options)
        result.plot().savefig(path.with_suffix(".png"), dpi=120, bbox_inches="tight")
        replace_text(path, json.dumps(as_json(result, options), indent=1))
        print(f"{result}\n{result.best_params}\n", flush=True)
    best: dict[str, Any] = json.loads(path.read_text())["best_params"]
    return best


def run_sweep(cell: str, beats: Heartbeats, options: argparse.Namespace) -> SweepResult:
    """Sweep over the document's space and larger models, on a validation part of the training beats."""
    parts = validation_split(beats, options.sweep_train)
    if len(parts.test) > ENOUGH_TO_SCORE:
        some = stratified_split(beats.target[parts.test], test_size=ENOUGH_TO_SCORE, random_state=0)
        parts = Split(train=parts.train, test=parts.test[some.test])
    return sweep(
        CELLS[cell](batch_size=64, max_epochs=options.sweep_epochs),
        SPACES[cell],
        beats.sequences,
        beats.target,
        cv=[parts],
        n_trials=options.trials,
        storage=options.journal,
        study_name=cell,
        n_jobs=options.jobs,
        random_state=0,
        refit=False,
        verbose=True,
    )


def as_json(result: SweepResult, options: argparse.Namespace) -> dict[str, Any]:
    """Return a sweep as JSON types."""
    return {
        "best_params": result.best_params,
        "best_score": result.best_score,
        "scoring": result.scoring,
        "importances": dict(result.param_importances),
        "trials": [
            {
                "number": trial.number,
                "status": trial.status,
                "score": trial.score,
                "parameters": dict(trial.params),
                "epochs": trial.intermediate_values,
                "seconds": trial.seconds,
                "reason": trial.reason,
            }
            for trial in result.trials
        ],
        "n_train": options.sweep_train,
        "max_epochs": options.sweep_epochs,
        **provenance("reproduce_sweeps.py", options),
    }


def read_document() -> dict[str, list[dict[str, Any]]]:
    """Return the configurations that the document lists, by cell."""
    sweeps: dict[str, list[dict[str, Any]]] = json.loads(DOCUMENT.read_text())["sweeps"]
    return sweeps


def table(rows: Mapping[str, Row], folder: Path) -> str:
    """Write each configuration beside the document's figures as Markdown, and below them ours."""
    lines = [
        "| | units x layers | directions | learning rate | accuracy: document | ours | macro F1: document | ours | "
        "what the document says |",
        "|---|---|---|---:|---:|---:|---:|---:|---|",
    ]
    for cell, runs in read_document().items():
        for i, run in enumerate(runs, start=1):
            if (row := rows.get(f"{cell}_{i}")) is not None:
                theirs = (f"{run['accuracy']:.3f}", f"{run['macro_f1']:.2f}", run["remark"])
                lines.append(line(row, listed(cell, run), theirs))
        sweep_path = folder / f"sweep_{cell}.json"
        if (row := rows.get(f"{cell}_ours")) is not None and sweep_path.is_file():
            found = json.loads(sweep_path.read_text())["best_params"]
            lines.append(line(row, found, ("", "", "")))
    return "\n".join(lines)


def line(row: Row, parameters: Mapping[str, Any], document: tuple[str, str, str]) -> str:
    """Write one configuration."""
    size = f"{parameters['hidden_size']} x {parameters['num_layers']}"
    if parameters.get("stem"):
        size += ", stem"
    accuracy, macro_f1, remark = document
    cells = [
        row["title"],
        size,
        "2" if parameters["bidirectional"] else "1",
        f"{parameters['lr']:.4f}",
        accuracy,
        f"{row['accuracy']:.4f}",
        macro_f1,
        f"{row['macro_f1']:.4f}",
        remark,
    ]
    return "| " + " | ".join(cells) + " |"


def read_command_line(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = new_parser("Reproduce the sweep tables of the course document.", beats=2000)
    parser.add_argument("--cells", nargs="+", choices=CELLS, default=list(CELLS), help="which tables")
    parser.add_argument("--trials", type=int, default=30, help="of each sweep (default: %(default)s)")
    parser.add_argument(
        "--sweep-train", type=int, default=8000, help="training beats of a trial (default: %(default)s)"
    )
    parser.add_argument("--sweep-epochs", type=int, default=9, help="of a trial (default: %(default)s)")
    parser.add_argument("--journal", type=Path, help="file that keeps the trials; default: none")
    parser.add_argument("--listed-only", action="store_true", help="only what the document lists")
    rows = [f"{cell}_{i}" for cell, runs in read_document().items() for i in range(1, len(runs) + 1)]
    parser.add_argument(
        "--rows",
        nargs="+",
        choices=rows,
        default=rows,
        metavar="ROW",
        help="of what the document lists, as gru_6; default: all",
    )
    add_options(parser, seeds=[0])
    return parse(parser, arguments)


if __name__ == "__main__":
    main()
