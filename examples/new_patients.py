"""Classify heartbeats of people the model has never seen, and choose the recipe without looking at them.

    python examples/new_patients.py                                # simulated records, a minute
    python examples/new_patients.py --data path/to/mitdb --choose  # cross-validation over the people of DS1
    python examples/new_patients.py --data path/to/mitdb           # the chosen recipe: train on DS1, look at DS2 once

A network that has learned the beats of some people knows their shapes. Here it sees what does not depend on the person: the difference
of each beat to the median beat of the same record, divided by the mean R amplitude of the record, and ratios of RR intervals. Both use
the whole recording, without labels. Few people have atrial fibrillation, in which normal beats come early, too: some N beats of each
person are used again, with the RR features of a simulated fibrillation.

`--choose` leaves records out: each of eleven folds holds two of the 22 records of DS1, and a variant is scored on all beats of DS1, each
predicted by a network that was trained without its record. The two records with atrial fibrillation, 201 and 203, are in different
folds: a network that never saw this rhythm takes its beats for S beats, which says nothing about one that did. Each variant changes one thing. DS2 is not read. Without `--choose`, an
ensemble is trained on DS1 with each of five seeds and tested on DS2: the split of de Chazal et al. (2004), doi:10.1109/TBME.2004.827359.

Q beats (eight in DS1) are not used for training. The tests contain all beats, so that F and Q beats count as false positives of the others.

Writes `patients_choice.json` and `patients_choice.md`, or `patients.json`, `patients.md` and `patients.png`, into `--out`. Each
finished run is saved, and not repeated.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiment import new_parser, parse, provenance, replace_text
from patient_recipes import CHOSEN, VARIANTS, Recipe
from patient_scores import confusions_of, final_table, median_scores, picture, record_table
from seqclf import SequenceEnsemble
from seqclf.datasets import DS1, DS2, Heartbeats, cut_beats, load_mitbih
from simulated_records import simulated_records

FOLDS = 11
LARGEST = "232"  # holds three quarters of the S beats of DS2


MEMBERS = 5


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Run the script; return what it wrote as JSON."""
    options = read_command_line(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    return choose(options) if options.choose else final(options)


def choose(options: argparse.Namespace) -> dict[str, Any]:
    """Score each variant on the people of DS1, each predicted by a network that has not seen them."""
    path = options.out / "patients_choice.json"
    rows: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    for seed in options.seeds:
        for key in options.variants:
            row = rows.setdefault(key, {"title": VARIANTS[key].title, "runs": []})
            if seed in {run["seed"] for run in row["runs"]}:
                continue
            started = time.process_time()
            records = cross_validate(VARIANTS[key], options, seed)
            run = {
                "seed": seed,
                "records": records,
                "processor_seconds": round(time.process_time() - started),
            }
            row["runs"].append(run | provenance("new_patients.py", options))
            replace_text(path, json.dumps(rows))
            print(row["title"], seed, median_scores([run]), run["processor_seconds"], "s", flush=True)
    text = choice_table(rows)
    replace_text(options.out / "patients_choice.md", text + "\n")
    print(text)
    return rows


def cross_validate(recipe: Recipe, options: argparse.Namespace, seed: int) -> dict[str, list[list[int]]]:
    """Return the confusion matrix of each record of DS1."""
    beats = read_records(recipe, options, DS1)
    X, target, record = recipe.read(beats), beats.target, records_of(beats)
    predicted = np.empty_like(target)
    fold = np.unique(record, return_inverse=True)[1] % FOLDS  # neighbours in number are in different folds
    for left_out in (np.flatnonzero(fold == one) for one in range(fold.max() + 1)):
        others = np.setdiff1d(np.arange(len(target)), left_out)
        model = recipe.classifier(**limits(options), random_state=seed)
        model.fit(*recipe.training_set(beats, others, seed))
        predicted[left_out] = model.predict(X[left_out])
    return confusions_of(record, target, predicted)


def final(options: argparse.Namespace) -> dict[str, Any]:
    """Train the chosen recipe on DS1 with each seed, and test on DS2."""
    path = options.out / "patients.json"
    result: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {"runs": []}
    missing = [seed for seed in options.seeds if seed not in {run["seed"] for run in result["runs"]}]
    if missing:
        train, test = (read_records(CHOSEN, options, part) for part in (DS1, DS2))
    for seed in missing:
        member = CHOSEN.classifier(**limits(options))
        model = SequenceEnsemble(
            estimators=[member], n_members=options.members, n_jobs=options.jobs, random_state=seed
        )
        model.fit(*CHOSEN.training_set(train, np.arange(len(train)), seed))
        records = confusions_of(records_of(test), test.target, model.predict(CHOSEN.read(test)))
        result["runs"].append(
            {"seed": seed, "members": options.members, "records": records}
            | provenance("new_patients.py", options)
        )
        replace_text(path, json.dumps(result))
        print(seed, median_scores(result["runs"][-1:]), flush=True)
    runs = result["runs"]
    text = final_table(runs, LARGEST) + "\n\n" + record_table(runs) + "\n"
    replace_text(options.out / "patients.md", text)
    picture(runs).savefig(options.out / "patients.png", dpi=120)
    print(text)
    return result


def read_records(recipe: Recipe, options: argparse.Namespace, part: Sequence[int]) -> Heartbeats:
    """Return the beats of one half of the records, or of one half of the simulated people."""
    if options.data:
        return load_mitbih(options.data, records=part, lead=recipe.lead, cut=recipe.cut)
    people = list(simulated_records(2 * options.people, options.beats // (2 * options.people)))
    half = people[: options.people] if part is DS1 else people[options.people :]
    return cut_beats(half, recipe.cut)


def records_of(beats: Heartbeats) -> NDArray[np.int64]:
    """Return the record of each beat."""
    if beats.record is None:
        raise ValueError("`beats.record` must not be None; load the beats from their records.")
    return beats.record


def limits(options: argparse.Namespace) -> dict[str, Any]:
    """Return the number of epochs, if the command line names one."""
    return {} if options.epochs is None else {"max_epochs": options.epochs}


def choice_table(rows: Mapping[str, Any]) -> str:
    """Return the variants as Markdown, with the gain over the base: medians over the seeds."""
    lines = ["| | macro F1 | gain | F1 of N | F1 of S | F1 of V | seeds |", "|---" + "|---:" * 6 + "|"]
    base = median_scores(rows["base"]["runs"])["macro"] if "base" in rows else float("nan")
    for row in rows.values():
        scores = median_scores(row["runs"])
        cells = [f"{scores['macro']:.3f}", f"{scores['macro'] - base:+.3f}"]
        cells += [f"{scores[name]:.3f}" for name in ("N", "S", "V")]
        lines.append(f"| {row['title']} | {' | '.join(cells)} | {len(row['runs'])} |")
    return "\n".join(lines)


def read_command_line(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = new_parser("Classify heartbeats of people the model has never seen.", beats=2400)
    parser.add_argument(
        "--choose", action="store_true", help="cross-validate variants over the people of DS1"
    )
    parser.add_argument(
        "--variants",
        nargs="+",
        choices=VARIANTS,
        default=list(VARIANTS),
        metavar="VARIANT",
        help="variants to run",
    )
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4], help="a run for each (default: %(default)s)"
    )
    parser.add_argument(
        "--members", type=int, default=MEMBERS, help="networks in each ensemble (default: %(default)s)"
    )
    parser.add_argument("--jobs", type=int, default=1, help="members to train at once (default: %(default)s)")
    parser.add_argument(
        "--people", type=int, default=6, help="simulated people in each half (default: %(default)s)"
    )
    return parse(parser, arguments)


if __name__ == "__main__":
    main()
