"""Train the best recurrent heartbeat classifier found so far, or ablate its components.

    python examples/best_model.py                                      # simulated beats, a few minutes
    python examples/best_model.py --data path/to/mitdb                 # all beats of the records, five seeds
    python examples/best_model.py --data path/to/mitdb --ablation --train 30000 --epochs 12 --seeds 0

The model is a bidirectional GRU after a convolutional stem, which reduces the number of steps to a quarter. Its input has, besides the
signal, the intervals to the previous and the next beat: a beat is premature because of an interval that lies outside it.
Training beats are slightly warped, scaled and jittered.

The test set is the stratified 20 % of `reproduce_models.py`. All choices were made on a validation set taken from the training
beats. `--ablation` adds one component at a time, scores on that validation set, and never uses the test set. Three components need the
records, because the published table does not hold what they read: the beat before its R peak, the second lead, the rhythm.

Writes `best.json`, `best.md`, `best.png` and `mistakes.png`, or `ablation.json` and `ablation.md`, into `--out`.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from experiment import PLAIN, half_balanced, new_parser, parse, read_beats, replace_text, split_beats
from plots import mistakes
from runs import Model, Row, add_options, predictions_path, run_missing
from seqclf import GRUClassifier, Sequences
from seqclf.datasets import BeatCut, Heartbeats, load_mitbih
from seqclf.evaluation import Report, Split, stratified_split
from seqclf.transforms import Compose, Jitter, Scale, TimeWarp

VALIDATION = 20_000


def with_intervals(beats: Heartbeats) -> Sequences:
    """Add to each step how early the beat came, how late the next one comes, and the usual interval around it."""
    if beats.rr_intervals is None:
        raise ValueError("`beats.rr_intervals` must not be None; load the beats from their records.")
    before, after, usual = beats.rr_intervals.T
    features = np.column_stack([np.log(before / usual), np.log(after / usual), usual - 0.8])
    return beats.sequences.with_static(features).static_to_steps()


def with_rhythm(beats: Heartbeats) -> Sequences:
    """Add to each step all features that `rr_features` computes of the rhythm."""
    if beats.rr_features is None:
        raise ValueError("`beats.rr_features` must not be None; load the beats from their records.")
    return beats.sequences.with_static(beats.rr_features).static_to_steps()


def gru(parameters: dict[str, Any], **options: Any) -> GRUClassifier:
    """Return the bidirectional GRU of the table with more options, trained for 20 epochs."""
    return GRUClassifier(
        **PLAIN | {"bidirectional": True, "batch_size": 64, "max_epochs": 20} | options | parameters
    )


STEM = {"stem": "conv"}
BALANCE = {"sampler": half_balanced, "prior_correction": True}
AUGMENTED = {"augmentation": Compose([TimeWarp(0.1), Scale(0.1), Jitter(0.01)]), "max_epochs": 30}
DEEPER = {"num_layers": 3, "residual": True, "layer_norm": True, "dropout": 0.2, "head_dropout": 0.2}

BEFORE_THE_PEAK = BeatCut(window=(-0.35, 0.75))
"""Also the P wave and the start of the QRS complex: beats of the published table begin at the R peak."""

AUGMENTED_STEM = STEM | AUGMENTED
ABLATION = {
    "nothing": Model(title="Bidirectional GRU", make=gru),
    "stem": Model(title="Convolutional stem", make=lambda p: gru(p, **STEM)),
    "intervals": Model(title="Stem, RR intervals", make=lambda p: gru(p, **STEM), read=with_intervals),
    "sampler": Model(
        title="Stem, intervals, sampler of strength 0.5 with prior correction",
        make=lambda p: gru(p, **STEM, **BALANCE),
        read=with_intervals,
    ),
    "deeper": Model(
        title="Stem, intervals, third layer, residual connections, layer norm, dropout",
        make=lambda p: gru(p, **STEM, **DEEPER),
        read=with_intervals,
    ),
    "augmentation": Model(
        title="Stem, intervals, augmentation", make=lambda p: gru(p, **AUGMENTED_STEM), read=with_intervals
    ),
    "smoothing": Model(
        title="Stem, intervals, augmentation, label smoothing of 0.05",
        make=lambda p: gru(p, **AUGMENTED_STEM, label_smoothing=0.05),
        read=with_intervals,
    ),
}


def of_records(data: Path) -> dict[str, Model]:
    """Return the parts that need the records, because the published table does not hold what they read."""

    def read(beats: Heartbeats, lead: str | tuple[str, ...]) -> Sequences:
        return with_intervals(load_mitbih(data, lead=lead, cut=BEFORE_THE_PEAK, drop_last_beat=True))

    def make(parameters: dict[str, Any]) -> GRUClassifier:
        return gru(parameters, **AUGMENTED_STEM)

    return {
        "rhythm": Model(title="Stem, ten RR features, augmentation", make=make, read=with_rhythm),
        "window": Model(
            title="Stem, intervals, augmentation, from 0.35 s before the R peak to 0.75 s after",
            make=make,
            read=partial(read, lead="MLII"),
        ),
        "leads": Model(
            title="Stem, intervals, augmentation, the same window, both leads",
            make=make,
            read=partial(read, lead=("MLII", "other")),
        ),
    }


BEST = {"best": Model(title="Best model", make=ABLATION["augmentation"].make, read=with_intervals)}
UNAUGMENTED = {
    "unaugmented": Model(
        title="Without augmentation, 20 epochs", make=ABLATION["intervals"].make, read=with_intervals
    )
}
"""The best model before augmentation was tried: both were scored on the test set."""


def main(arguments: list[str] | None = None) -> dict[str, Row]:
    """Run the script; return the rows of the table."""
    options = read_command_line(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    beats = read_beats(options, seed=0)
    if options.ablation:
        name, split = "ablation", validation_split(beats, options.train)
        models = ABLATION | (of_records(options.data) if options.data else {})
    else:
        name, models, split = "best", BEST | UNAUGMENTED, split_beats(beats.target, options.train, seed=0)
    print(f"{beats}\n{len(split.train)} beats to train, {len(split.test)} to score\n", flush=True)
    rows = run_missing("best_model.py", options, options.out / f"{name}.json", models, beats, split)
    replace_text(options.out / f"{name}.md", table(rows) + "\n")
    print(table(rows))
    if "best" in rows:
        draw(rows["best"], beats, split, options.out)
    return rows


def draw(row: Row, beats: Heartbeats, split: Split, out: Path) -> None:
    """Plot the first run's report, and its misclassified beats of highest probability."""
    run = row["runs"][0]
    Report.from_dict(run["report"]).plot().savefig(out / "best.png", dpi=120, bbox_inches="tight")
    if (predictions := predictions_path(out / "best.json", "best", run["seed"])).is_file():
        picture = mistakes(beats, split.test, np.load(predictions))
        picture.savefig(out / "mistakes.png", dpi=120, bbox_inches="tight")


def validation_split(beats: Heartbeats, n_train: int | None) -> Split:
    """Split the training beats into a training and a validation set; neither holds a test beat."""
    inner = split_beats(beats.target, None, seed=0).train
    size = min(VALIDATION, len(inner) // 4)
    kept = stratified_split(beats.target[inner], test_size=size, random_state=1)
    train = inner[kept.train]
    if n_train is not None and n_train < len(train):
        train = train[stratified_split(beats.target[train], test_size=n_train, random_state=2).test]
    return Split(train=train, test=inner[kept.test])


def table(rows: Mapping[str, Row]) -> str:
    """Return all rows as Markdown: medians over the seeds."""
    names = rows[next(iter(rows))]["runs"][0]["report"]["target_names"]
    lines = [
        f"| | accuracy | macro F1 | {' | '.join(f'F1 of {name}' for name in names)} | minutes to train | seeds |",
        "|---" + "|---:" * (len(names) + 4) + "|",
    ]
    for row in rows.values():
        reports = [Report.from_dict(run["report"]) for run in row["runs"]]
        scores = [float(np.median([report.per_class[name].f1 for report in reports])) for name in names]
        minutes = float(np.median([run["fit_seconds"] for run in row["runs"]])) / 60
        cells = [row["title"], f"{row['accuracy']:.4f}", f"{row['macro_f1']:.4f}"]
        cells += [f"{score:.3f}" for score in scores] + [f"{minutes:.1f}", str(len(reports))]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def read_command_line(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = new_parser(
        "Train the best recurrent heartbeat classifier, or ablate its components.", beats=4000
    )
    add_options(parser, seeds=[0, 1, 2, 3, 4])
    parser.add_argument(
        "--ablation", action="store_true", help="add one component at a time, scored on a validation set"
    )
    return parse(parser, arguments)


if __name__ == "__main__":
    main()
