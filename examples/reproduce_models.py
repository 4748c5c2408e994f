"""Train eight recurrent heartbeat classifiers, those of the course notebook's model table.

    python examples/reproduce_models.py                                  # simulated beats, one to two minutes
    python examples/reproduce_models.py --data path/to/mitdb --seeds 0   # all beats of the records, about two hours

The course notebook, from which seqclf grew, classified heartbeats of the MIT-BIH database with RNN, GRU and LSTM.

Table: simple RNN packed and with 75 samples cut, GRU, GRU with a sampler, GRU with z-score and augmentation, bidirectional
GRU, LSTM, bidirectional LSTM; 64 units and 2 layers, as in the notebook. Initialisation, pooling, optimizer and schedule are
those of seqclf, with batches of 64 and 15 epochs (8 for simulated beats).

Data: beats simulated by `make_heartbeats`, or those of the MIT-BIH Arrhythmia Database 1.0.0 (doi:10.13026/C2F305, Open
Data Commons Attribution License 1.0). The test set is a stratified 20 % of all beats, the same for each model and seed, on which
each model predicts once.

Expected on simulated beats with the default options: the scores in `expected_simulated.json`; the script fails if one is lower by
more than its tolerance. One to two minutes on 2 CPU cores. On the records, the script compares its scores with the notebook's,
and with `--check` fails if the bidirectional GRU misses accuracy 0.970 or macro F1 0.85.

Runs that the result file already holds are not repeated: a second call resumes an interrupted one.

Writes `models.json`, `models.md`, `classes.md`, `learning_curves.png` and one plot per model into `--out`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sklearn.pipeline import make_pipeline

from experiment import PLAIN, half_balanced, new_parser, parse, read_beats, replace_text, split_beats
from plots import learning_curves
from runs import Model, Row, add_options, run_missing
from seqclf import GRUClassifier, LSTMClassifier, RNNClassifier, Sequences, ZScore, as_sequences, pad
from seqclf.datasets import Heartbeats
from seqclf.evaluation import Comparison, PublishedFigures, Report, compare
from seqclf.transforms import Compose, Jitter, Scale
from simulated import check_least, read_least, simulated_table

NOTEBOOK = Path(__file__).with_name("course_notebook.json")
WIDTH = 187
CUT = 75
GOAL = {"accuracy": 0.970, "macro_f1": 0.85}
AUGMENTATION = Compose([Scale(0.1), Jitter(0.02)])


def cut_by_hand(beats: Heartbeats) -> Sequences:
    """Return the notebook's input: the padded table without its last 75 columns, remaining padding included."""
    table = pad(beats.sequences, total_length=WIDTH)[0][:, : WIDTH - CUT]
    return as_sequences(table, padding_value=None)


RECIPE: dict[str, Any] = PLAIN | {"batch_size": 64, "max_epochs": 15}

GATED = {"lr": 6e-3}
"""Tuned on a validation set, for batches of 64; gated cells tolerate a higher learning rate."""


def rnn(parameters: dict[str, Any]) -> RNNClassifier:
    """Return a simple RNN."""
    return RNNClassifier(**RECIPE | parameters)


def gru(parameters: dict[str, Any], **options: Any) -> GRUClassifier:
    """Return a GRU."""
    return GRUClassifier(**RECIPE | GATED | options | parameters)


def lstm(parameters: dict[str, Any], **options: Any) -> LSTMClassifier:
    """Return an LSTM."""
    return LSTMClassifier(**RECIPE | GATED | options | parameters)


MODELS = {
    "rnn_packed": Model(title="Simple RNN, real lengths", make=rnn),
    "rnn_trim75": Model(title="Simple RNN, 75 samples cut", make=rnn, read=cut_by_hand),
    "gru": Model(title="GRU", make=gru),
    "gru_sampler": Model(
        title="GRU, sampler and prior correction",
        make=lambda p: gru(p, sampler=half_balanced, prior_correction=True),
    ),
    "gru_zscore_augmented": Model(
        title="GRU, z-score and augmentation",
        make=lambda p: make_pipeline(ZScore(), gru(p, augmentation=AUGMENTATION)),
    ),
    "gru_bidirectional": Model(title="Bidirectional GRU", make=lambda p: gru(p, bidirectional=True)),
    "lstm": Model(title="LSTM", make=lstm),
    "lstm_bidirectional": Model(title="Bidirectional LSTM", make=lambda p: lstm(p, bidirectional=True)),
}


def main(arguments: list[str] | None = None) -> dict[str, Row]:
    """Run the script; return the rows of the table."""
    options = read_command_line(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    beats = read_beats(options, seed=0)
    split = split_beats(beats.target, options.train, seed=0)
    print(f"{beats}\n{len(split.train)} beats to train, {len(split.test)} to test\n", flush=True)
    models = {key: MODELS[key] for key in options.models}
    rows = run_missing("reproduce_models.py", options, options.out / "models.json", models, beats, split)
    published = read_notebook() if options.data else {}
    least = None if options.data else read_least(options)
    table = medians(rows, published) if options.data else simulated_table(rows, least)
    replace_text(options.out / "models.md", table + "\n")
    render(rows, side_by_side(rows, published), options.out)
    print(f"{table}\n\nWritten to {options.out}/")
    if options.data and options.check:
        check_goal(rows)
    if least is not None:
        check_least(rows, least)
    return rows


def read_notebook() -> dict[str, PublishedFigures]:
    """Return the notebook's figures of the models for which it gives any."""
    models: Mapping[str, Any] = json.loads(NOTEBOOK.read_text())["models"]
    return {
        key: PublishedFigures.from_dict(figures) for key, figures in models.items() if "accuracy" in figures
    }


def middle_report(row: Row) -> Report:
    """Return the report of the run with the median macro F1, the lower of two."""
    runs = sorted(row["runs"], key=lambda run: run["report"]["macro"]["f1"])
    return Report.from_dict(runs[(len(runs) - 1) // 2]["report"])


def side_by_side(rows: Mapping[str, Row], published: Mapping[str, PublishedFigures]) -> Comparison:
    """Compare each model with the published one of the same name."""
    shown: dict[str, Report | PublishedFigures] = {}
    pairs: dict[str, str] = {}
    for key, row in rows.items():
        title = row["title"]
        if key in published:
            pairs[title] = f"{title} (notebook)"
            shown[pairs[title]] = published[key]
        shown[title] = middle_report(row)
    return compare(shown, reference=pairs or None)


def render(rows: Mapping[str, Row], table: Comparison, out: Path) -> None:
    """Write the results by class, and plots."""
    sections = ["## Class by class\n\n" + table.to_markdown()]
    for key, row in rows.items():
        report = middle_report(row)
        sections.append(f"## {row['title']}\n\n{report.to_markdown()}")
        report.plot().savefig(out / f"{key}.png", dpi=120, bbox_inches="tight")
    replace_text(out / "classes.md", "\n\n".join(sections) + "\n")
    learning_curves(rows).savefig(out / "learning_curves.png", dpi=120, bbox_inches="tight")


def medians(rows: Mapping[str, Row], published: Mapping[str, PublishedFigures]) -> str:
    """Return the medians, and the shortest training, as Markdown next to the published figures."""
    lines = [
        "| | accuracy: notebook | seqclf | difference | macro F1: notebook | seqclf | difference | seeds | minutes to train |",
        "|---" + "|---:" * 8 + "|",
    ]
    for key, row in rows.items():
        cells = [row["title"]]
        figures = published.get(key)
        theirs = (None, None) if figures is None else (figures.accuracy, figures.macro["f1"])
        for old, new in zip(theirs, (row["accuracy"], row["macro_f1"]), strict=True):
            cells += (
                ["", f"{new:.4f}", ""] if old is None else [f"{old:.4f}", f"{new:.4f}", f"{new - old:+.4f}"]
            )
        minutes = min(run["fit_seconds"] / 60 for run in row["runs"])  # on the least busy machine
        lines.append("| " + " | ".join([*cells, str(len(row["runs"])), f"{minutes:.1f}"]) + " |")
    return "\n".join(lines)


def read_command_line(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = new_parser("Reproduce the model table of the course notebook.", beats=4000)
    parser.add_argument(
        "--models", nargs="+", choices=MODELS, default=list(MODELS), metavar="MODEL", help="rows to run"
    )
    add_options(parser, seeds=[0])
    parser.add_argument("--check", action="store_true", help="fail if the bidirectional GRU misses its goal")
    return parse(parser, arguments)


def check_goal(rows: Mapping[str, Row]) -> None:
    """Exit with an error if the bidirectional GRU misses its goal on the records."""
    row = rows["gru_bidirectional"]
    for name, least in GOAL.items():
        if row[name] < least:
            sys.exit(f"Bidirectional GRU: {name} must be at least {least}; got {row[name]:.4f}.")


if __name__ == "__main__":
    main()
