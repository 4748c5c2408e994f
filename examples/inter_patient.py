"""Train and test the same classifiers on different patients (inter-patient split).

    python examples/inter_patient.py                               # simulated beats, a few minutes
    python examples/inter_patient.py --data path/to/mitdb --seeds 0

Trained on the records DS1 and tested on DS2, the split of de Chazal, O'Dwyer & Reilly, IEEE Trans Biomed Eng 51(7):1196-1206
(2004), doi:10.1109/TBME.2004.827359; the four records with paced beats are left out, as ANSI/AAMI EC57 requires. Records 201
and 202 are from the same person, and the published split has one in DS1 and the other in DS2.

Simulated beats are split into two halves of the simulated patients.

Writes `inter_patient.json` and `inter_patient.md` into `--out`. If that folder has `models.json` or `best.json`, the Markdown file also
says how much lower the scores are than with the intra-patient split.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from best_recipes import SCORED
from experiment import new_parser, parse, read_beats, replace_text
from reproduce_models import MODELS
from runs import Row, add_options, run_missing
from seqclf.datasets import DS1, DS2, Heartbeats
from seqclf.evaluation import Report, Split, split_by_group, stratified_split

ALL = MODELS | {"intervals": SCORED["intervals"]}
PUBLISHED = {
    "linear discriminants, de Chazal et al. 2004, doi:10.1109/TBME.2004.827359": (
        *("0.759", "0.385", "0.511"),
        *("0.777", "0.819", "0.797"),
    ),
    "DenseNet and GRU, Guo et al. 2019, doi:10.1016/j.bbe.2019.06.001": ("", "", "0.613", "", "", "0.898"),
}
"""The columns of S and V given in the abstracts; the F1 of 2004 is computed from the other two."""
SCORES = ("recall", "precision", "f1")
JUDGED = ("N", "S", "V")  # F and Q are too few to be scored: 388 and 7 beats in DS2


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
    text = table(rows) + "\n\n" + drop_on_new_patients(rows, options.out)
    replace_text(options.out / "inter_patient.md", text)
    print(text)
    return rows


def patients_split(beats: Heartbeats, *, records: bool) -> Split:
    """Return a split in which no patient is in both sets."""
    if beats.record is None:
        raise ValueError("`beats.record` must not be None; load the beats from their records.")
    if records:
        return split_by_group(beats.record, train=DS1, test=DS2)
    patients = np.unique(beats.record)
    return split_by_group(beats.record, train=patients[::2], test=patients[1::2])


def judged_f1(report: Report) -> float:
    """Return the mean F1 of N, S and V."""
    return float(np.mean([report.per_class[name].f1 for name in JUDGED]))


def median_of(row: Row, score: Callable[[Report], float]) -> float:
    """Return the median of a score over the runs of a row."""
    return float(np.median([score(Report.from_dict(run["report"])) for run in row["runs"]]))


def score_of(name: str, score: str) -> Callable[[Report], float]:
    """Return a function that reads one score of one class."""
    return lambda report: float(getattr(report.per_class[name], score))


def table(rows: Mapping[str, Row]) -> str:
    """Return all rows and the published figures as Markdown: medians over the seeds."""
    lines = [
        "| | accuracy | macro F1 of N, S, V | S: sensitivity | positive predictivity | F1 | V: sensitivity "
        "| positive predictivity | F1 | seeds |",
        "|---" + "|---:" * 9 + "|",
    ]
    for row in rows.values():
        values = [row["accuracy"], median_of(row, judged_f1)]
        values += [median_of(row, score_of(name, score)) for name in ("S", "V") for score in SCORES]
        cells = [row["title"], *(f"{value:.3f}" for value in values), str(len(row["runs"]))]
        lines.append("| " + " | ".join(cells) + " |")
    lines += [f"| {title} | | | {' | '.join(cells)} | |" for title, cells in PUBLISHED.items()]
    return "\n".join(lines)


def drop_on_new_patients(rows: Mapping[str, Row], folder: Path) -> str:
    """Return how much lower the scores are than with the intra-patient split, or "" if the folder has no such scores."""
    known: dict[str, Row] = {}
    for name in ("models.json", "best.json"):
        if (folder / name).is_file():
            known |= json.loads((folder / name).read_text())
    sentences = [
        f"{row['title']}: {median_of(known[key], judged_f1):.3f} on patients in the training set, "
        f"{median_of(row, judged_f1):.3f} on new patients."
        for key, row in rows.items()
        if key in known
    ]
    if not sentences:
        return ""
    lost = [
        1 - median_of(row, judged_f1) / median_of(known[key], judged_f1)
        for key, row in rows.items()
        if key in known
    ]
    summary = (
        f"The macro F1 over N, S and V is {min(lost):.0%} to {max(lost):.0%} lower when no patient of the test set is in the "
        "training set.\n\n"
    )
    return summary + "\n".join(f"- {sentence}" for sentence in sentences) + "\n"


def read_command_line(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = new_parser("Train and test recurrent heartbeat classifiers on different patients.", beats=4000)
    parser.add_argument(
        "--models", nargs="+", choices=ALL, default=list(ALL), metavar="MODEL", help="rows to run"
    )
    add_options(parser, seeds=[0])
    return parse(parser, arguments)


if __name__ == "__main__":
    main()
