"""The same classifiers, asked about people they have never seen.

    python examples/inter_patient.py                               # embedded beats, a few minutes
    python examples/inter_patient.py --data path/to/mitdb --seeds 0

Trained on the records DS1 and tested on DS2, the split of de Chazal, O'Dwyer & Reilly, IEEE Trans Biomed Eng 51(7):1196-1206
(2004), doi:10.1109/TBME.2004.827359; the four records with paced beats are left out, as ANSI/AAMI EC57 asks. Records 201
and 202 are of one person, and the published split has one of them in each part.

On embedded beats the first half of the simulated patients is trained on, the second half tested.

Writes `inter_patient.json` and `inter_patient.md` into `--out`.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from best_model import BEST
from experiment import new_parser, parse, read_beats, replace_text
from reproduce_models import MODELS
from runs import Row, add_options, run_missing
from seqclf.datasets import DS1, DS2, Heartbeats
from seqclf.evaluation import Report, Split, split_by_group, stratified_split

ALL = MODELS | BEST
JUDGED = ("N", "S", "V")  # F and Q are too few for a figure: 388 and 7 beats in DS2


def main(arguments: list[str] | None = None) -> dict[str, Row]:
    """Run the script; return the rows of the table."""
    options = read_command_line(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    beats = read_beats(options, seed=0)
    split = patients_split(beats, records=bool(options.data))
    if options.train is not None and options.train < len(split.train):
        kept = stratified_split(beats.target[split.train], test_size=options.train, random_state=0)
        split = Split(train=split.train[kept.test], test=split.test)
    print(f"{beats}\n{len(split.train)} beats to train, {len(split.test)} to test\n", flush=True)
    models = {key: ALL[key] for key in options.models}
    rows = run_missing("inter_patient.py", options, options.out / "inter_patient.json", models, beats, split)
    replace_text(options.out / "inter_patient.md", table(rows) + "\n")
    print(table(rows))
    return rows


def patients_split(beats: Heartbeats, *, records: bool) -> Split:
    """Return a split that no patient is in both parts of."""
    if beats.record is None:
        raise ValueError("These beats do not tell whose they are; load them from their records.")
    if records:
        return split_by_group(beats.record, train=DS1, test=DS2)
    patients = np.unique(beats.record)
    return split_by_group(beats.record, train=patients[::2], test=patients[1::2])


def judged_f1(report: Report) -> float:
    """Return the mean F1 of N, S and V."""
    return float(np.mean([report.per_class[name].f1 for name in JUDGED]))


def table(rows: Mapping[str, Row]) -> str:
    """Write all rows as Markdown: medians over the seeds."""
    lines = [
        "| | accuracy | macro F1 of N, S, V | S: sensitivity | positive predictivity | V: sensitivity "
        "| positive predictivity | seeds |",
        "|---" + "|---:" * 7 + "|",
    ]
    for row in rows.values():
        reports = [Report.from_dict(run["report"]) for run in row["runs"]]
        columns = [[judged_f1(report) for report in reports]]
        for name in ("S", "V"):
            columns.append([report.per_class[name].recall for report in reports])
            columns.append([report.per_class[name].precision for report in reports])
        medians = [row["accuracy"], *(float(np.median(column)) for column in columns)]
        cells = [row["title"], *(f"{value:.3f}" for value in medians), str(len(reports))]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def read_command_line(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = new_parser("Recurrent classifiers of heartbeats on unseen patients.", beats=4000)
    parser.add_argument(
        "--models", nargs="+", choices=ALL, default=list(ALL), metavar="MODEL", help="rows to run"
    )
    add_options(parser, seeds=[0])
    options = parse(parser, arguments)
    options.out = options.out or Path("results") / ("mitbih" if options.data else "embedded")
    return options


if __name__ == "__main__":
    main()
