"""Train the best recurrent heartbeat classifier found so far, or ablate its components.

    python examples/best_model.py                                      # simulated beats, a few minutes
    python examples/best_model.py --data path/to/mitdb                 # all beats of the records, five seeds
    python examples/best_model.py --data path/to/mitdb --ablation --train 30000 --epochs 12 --seeds 0

The model is a bidirectional GRU after a convolutional stem, which reduces the number of steps to a quarter. It reads both leads from
before the R peak on, and the intervals to the previous and the next beat: a beat is premature because of an interval that lies outside it.
Training beats are slightly warped, scaled and jittered. The published table has one lead from the R peak on, as simulated beats do.

The test set is the stratified 20 % of `reproduce_models.py`. All choices were made on a validation set taken from the training
beats. `--ablation` adds one component at a time, scores on that validation set, and never uses the test set. Three components need the
records, because the published table does not hold what they read: the beat before its R peak, the second lead, the rhythm. Models that
were the best before they were tried are in the table, too, because they have been scored on the test set.

Writes `best.json`, `best.md`, `best.png` and `mistakes.png`, or `ablation.json` and `ablation.md`, into `--out`.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping

import numpy as np

from best_recipes import ABLATION, SECONDS, beats_before_the_peak, of_records, scored
from experiment import new_parser, parse, read_beats, replace_text, split_beats
from plots import mistakes
from runs import Row, add_options, predictions_path, run_missing
from seqclf.datasets import Heartbeats
from seqclf.evaluation import Report, Split, stratified_split

VALIDATION = 20_000


def main(arguments: list[str] | None = None) -> dict[str, Row]:
    """Run the script; return the rows of the table."""
    options = read_command_line(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    beats = read_beats(options, seed=0)
    if options.ablation:
        name, split = "ablation", validation_split(beats, options.train)
        models = ABLATION | (of_records(options.data) if options.data else {})
    else:
        name, models = "best", scored(options.data)
        split = split_beats(beats.target, options.train, seed=0)
    print(f"{beats}\n{len(split.train)} beats to train, {len(split.test)} to score\n", flush=True)
    rows = run_missing("best_model.py", options, options.out / f"{name}.json", models, beats, split)
    replace_text(options.out / f"{name}.md", table(rows) + "\n")
    print(table(rows))
    if not options.ablation:
        draw(rows, beats, split, options)
    return rows


def draw(rows: Mapping[str, Row], beats: Heartbeats, split: Split, options: argparse.Namespace) -> None:
    """Plot the report of the best model's first run, and its misclassified beats of highest probability."""
    key, start = "intervals", 0.0
    if "best" in rows:
        key, start = "best", SECONDS[0]
        beats = beats_before_the_peak(options.data, "MLII")
    run, out = rows[key]["runs"][0], options.out
    Report.from_dict(run["report"]).plot().savefig(out / "best.png", dpi=120, bbox_inches="tight")
    if (predictions := predictions_path(out / "best.json", key, run["seed"])).is_file():
        picture = mistakes(beats, split.test, np.load(predictions), start=start)
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
