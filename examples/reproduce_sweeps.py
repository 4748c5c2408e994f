"""Reproduce both sweep tables of the course notebook, and run new sweeps for comparison.

    python examples/reproduce_sweeps.py                                           # simulated beats, a few minutes
    python examples/reproduce_sweeps.py --data path/to/mitdb --epochs 6 --seeds 0

The course notebook, from which seqclf grew, classified heartbeats of the MIT-BIH database. It tuned its GRU and its LSTM with W&B
sweeps and lists six configurations of each, some of them unstable. Here each is trained with the listed cell, width, depth,
direction and learning rate, and scored on the stratified 20 % test set of `reproduce_models.py`. Initialisation, pooling,
optimizer and schedule are those of seqclf.

`seqclf.tuning.sweep` then searches the notebook's space and larger models with a convolutional stem. It scores trials on a
validation set, and trains them on `--sweep-train` of the other training beats. The best configuration of each cell is trained
like the listed ones and scored once on the test set.

Writes `sweeps.json`, `sweeps.md` and, for each sweep, `sweep_CELL.json` and `sweep_CELL.png` into `--out`. Results that are already
there are kept and not run again; `--journal` keeps the trials of an interrupted sweep.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from best_model import validation_split
from experiment import PLAIN, new_parser, parse, provenance, read_beats, replace_text, split_beats
from reproduce_models import NOTEBOOK, RECIPE
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
    "head_dropout": Choice([0.0, 0.2]),
    "lr": LogUniform(1e-3, 2e-2),
}
SPACES = {
    "gru": {"family": Either([NOTEBOOK_GRU, LARGER])},
    "lstm": {"family": Either([{**NOTEBOOK_LSTM, "bidirectional": Choice([False, True])}, LARGER])},
}
SMOOTHING = 0.1
"""The notebook says that it smoothed labels, but not by how much."""
ENOUGH_TO_SCORE = 4000
"""Validation beats that suffice to rank models: scoring more after each epoch would take longer than the epoch."""


def listed(cell: str, run: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a configuration of the notebook."""
    return {
        "hidden_size": run["hidden_size"],
        "num_layers": run["num_layers"],
        # The final LSTM has the scores of the bidirectional row of the model table.
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
        for i, run in enumerate(read_notebook()[cell], start=1)
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
    """Return the best parameters of a cell's sweep; run the sweep unless its file exists."""
    path = options.out / f"sweep_{cell}.json"
    if not path.is_file():
        result = run_sweep(cell, beats, options)
        result.plot().savefig(path.with_suffix(".png"), dpi=120, bbox_inches="tight")
        replace_text(path, json.dumps(as_json(result, options), indent=1))
        print(f"{result}\n{result.best_params}\n", flush=True)
    best: dict[str, Any] = json.loads(path.read_text())["best_params"]
    return best


def run_sweep(cell: str, beats: Heartbeats, options: argparse.Namespace) -> SweepResult:
    """Sweep over the notebook's space and larger models, scored on a validation set."""
    split = validation_split(beats, options.sweep_train)
    if len(split.test) > ENOUGH_TO_SCORE:
        some = stratified_split(beats.target[split.test], test_size=ENOUGH_TO_SCORE, random_state=0)
        split = Split(train=split.train, test=split.test[some.test])
    return sweep(
        CELLS[cell](**PLAIN | {"batch_size": 64, "max_epochs": options.sweep_epochs}),
        SPACES[cell],
        beats.sequences,
        beats.target,
        cv=[split],
        n_trials=options.trials,
        storage=options.journal,
        study_name=cell,
        n_jobs=options.jobs,
        random_state=0,
        refit=False,
        verbose=True,
    )


def as_json(result: SweepResult, options: argparse.Namespace) -> dict[str, Any]:
    """Return a sweep as a JSON object."""
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


def read_notebook() -> dict[str, list[dict[str, Any]]]:
    """Return the configurations listed in the notebook, by cell."""
    sweeps: dict[str, list[dict[str, Any]]] = json.loads(NOTEBOOK.read_text())["sweeps"]
    return sweeps


def table(rows: Mapping[str, Row], folder: Path) -> str:
    """Return each configuration next to the notebook's figures as Markdown, then the best of the new sweeps."""
    lines = [
        "| | units x layers | directions | learning rate | accuracy: notebook | seqclf | macro F1: notebook | seqclf | "
        "remark of the notebook |",
        "|---|---|---|---:|---:|---:|---:|---:|---|",
    ]
    for cell, runs in read_notebook().items():
        for i, run in enumerate(runs, start=1):
            if (row := rows.get(f"{cell}_{i}")) is not None:
                figures = (f"{run['accuracy']:.3f}", f"{run['macro_f1']:.2f}", run["remark"])
                lines.append(line(row, listed(cell, run), figures))
        sweep_path = folder / f"sweep_{cell}.json"
        if (row := rows.get(f"{cell}_ours")) is not None and sweep_path.is_file():
            found = json.loads(sweep_path.read_text())["best_params"]
            lines.append(line(row, found, ("", "", "")))
    return "\n".join(lines)


def line(row: Row, parameters: Mapping[str, Any], notebook: tuple[str, str, str]) -> str:
    """Return one line of the table."""
    size = f"{parameters['hidden_size']} x {parameters['num_layers']}"
    if parameters.get("stem"):
        size += ", stem"
    accuracy, macro_f1, remark = notebook
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
    parser = new_parser("Reproduce the sweep tables of the course notebook.", beats=2000)
    parser.add_argument("--cells", nargs="+", choices=CELLS, default=list(CELLS), help="tables to reproduce")
    parser.add_argument("--trials", type=int, default=30, help="trials of each sweep (default: %(default)s)")
    parser.add_argument(
        "--sweep-train", type=int, default=8000, help="training beats of a trial (default: %(default)s)"
    )
    parser.add_argument(
        "--sweep-epochs", type=int, default=9, help="epochs of a trial (default: %(default)s)"
    )
    parser.add_argument("--journal", type=Path, help="file that keeps the trials; default: none")
    parser.add_argument("--listed-only", action="store_true", help="skip the new sweeps")
    rows = [f"{cell}_{i}" for cell, runs in read_notebook().items() for i in range(1, len(runs) + 1)]
    parser.add_argument(
        "--rows",
        nargs="+",
        choices=rows,
        default=rows,
        metavar="ROW",
        help="listed configurations to run, such as gru_6; default: all",
    )
    add_options(parser, seeds=[0])
    return parse(parser, arguments)


if __name__ == "__main__":
    main()
