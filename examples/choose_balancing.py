"""When does balancing pay? Compare class weights, samplers and losses on heartbeats.

    python examples/choose_balancing.py                                  # simulated beats, a few minutes
    python examples/choose_balancing.py --data path/to/mitdb --train 20000

Table: a GRU with 64 units and 2 layers, without stem or augmentation, trained without balancing, with class weights, with samplers and with
losses; each also with its predictions corrected to the natural class frequencies (`prior_correction`). Columns:
accuracy, macro F1, recall of the rare classes S and F, expected calibration error, and its classwise version.
Medians over the seeds.

Data: see `reproduce_models.py`. Expected on the records with `--train 20000`: balancing raises the recall of S, costs
accuracy, and prior correction restores the classwise calibration; with `--check` the script fails otherwise. About 30 minutes
on 2 CPU cores.

Writes `balancing.json`, `balancing.md` and `balancing.png` into `--out`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiment import (
    PLAIN,
    half_balanced,
    new_parser,
    parse,
    provenance,
    read_beats,
    replace_text,
    split_beats,
)
from seqclf import GRUClassifier, Sequences
from seqclf.evaluation import calibration_error, evaluate

Labelled = tuple[Sequences, NDArray[Any]]

WAYS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "class_weight='balanced'": {"class_weight": "balanced"},
    "class_weight='inverse_sqrt'": {"class_weight": "inverse_sqrt"},
    "class_weight='effective_number'": {"class_weight": "effective_number"},
    "sampler='balanced'": {"sampler": "balanced"},
    "BalancedSampler, strength=0.5": {"sampler": half_balanced},
    "sampler='stratified'": {"sampler": "stratified"},
    "loss='focal'": {"loss": "focal"},
    "loss='logit_adjusted'": {"loss": "logit_adjusted"},
}
COLUMNS = {
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "recall_S": "recall S",
    "recall_F": "recall F",
    "calibration_error": "calibration error",
    "class_calibration_error": "classwise",
}


def scores_of(model: GRUClassifier, test: Labelled) -> dict[str, float]:
    """Return the scores of a fitted model."""
    proba = model.predict_proba(test[0])
    report = evaluate(test[1], model.classes_[proba.argmax(axis=1)], labels=model.classes_)
    return {
        "accuracy": report.accuracy,
        "macro_f1": report.macro_f1,
        "recall_S": report.per_class["S"].recall,
        "recall_F": report.per_class["F"].recall,
        "calibration_error": calibration_error(test[1], proba, labels=model.classes_),
        "class_calibration_error": calibration_error(test[1], proba, labels=model.classes_, per_class=True),
    }


def run(
    options: Mapping[str, Any], train: Labelled, test: Labelled, *, seed: int, epochs: int | None
) -> dict[str, Any]:
    """Train one model; return its scores with and without prior correction."""
    model = GRUClassifier(random_state=seed, max_epochs=epochs or "auto", **PLAIN | dict(options))
    started = time.perf_counter()
    model.fit(*train)
    seconds = time.perf_counter() - started
    plain = scores_of(model, test)
    corrected = scores_of(model.set_params(prior_correction=True), test)
    return {"seed": seed, "fit_seconds": round(seconds, 1), "plain": plain, "corrected": corrected}


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Run the script; return the results."""
    options = read_command_line(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    beats = read_beats(options, seed=0)
    split = split_beats(beats.target, options.train, seed=0)
    train = beats.sequences[split.train], beats.target[split.train]
    test = beats.sequences[split.test], beats.target[split.test]
    result = provenance("choose_balancing.py", options) | {
        "n_train": len(split.train),
        "n_test": len(split.test),
        "seeds": options.seeds,
        "ways": {},
    }
    for seed in options.seeds:  # the outer loop: an interrupted run has compared all ways
        for name, way in WAYS.items():
            one = run(way, train, test, seed=seed, epochs=options.epochs)
            runs = [*result["ways"].get(name, {"runs": []})["runs"], one]
            result["ways"][name] = {
                "plain": median(runs, "plain"),
                "corrected": median(runs, "corrected"),
                "runs": runs,
            }
            print(f"seed {seed}, {name}: macro F1 {one['plain']['macro_f1']:.3f}", flush=True)
            replace_text(options.out / "balancing.json", json.dumps(result, indent=1))
    replace_text(options.out / "balancing.md", table(result["ways"]) + "\n")
    plot(result["ways"]).savefig(options.out / "balancing.png", dpi=120, bbox_inches="tight")
    return result


def median(runs: list[dict[str, Any]], kind: str) -> dict[str, float]:
    """Return the median of each score over the runs."""
    return {name: float(np.median([one[kind][name] for one in runs])) for name in COLUMNS}


def table(ways: Mapping[str, Any]) -> str:
    """Return all rows as Markdown, each followed by the one with prior correction."""
    lines = ["| | " + " | ".join(COLUMNS.values()) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name, way in ways.items():
        for kind, title in (
            ("plain", f"`{name}`" if WAYS[name] else name),
            ("corrected", "... `prior_correction`"),
        ):
            if kind == "corrected" and name in ("nothing", "loss='focal'"):
                continue  # there is nothing to correct
            lines.append(
                f"| {title} | " + " | ".join(f"{way[kind][column]:.3f}" for column in COLUMNS) + " |"
            )
    return "\n".join(lines)


def plot(ways: Mapping[str, Any]) -> Figure:
    """Plot macro F1, recall of S and classwise calibration error of each way."""
    figure = Figure(figsize=(11, 4.8), layout="constrained")
    panels = figure.subplots(1, 3, sharey=True)
    places = np.arange(len(ways))
    shown = (
        ("macro_f1", "macro F1"),
        ("recall_S", "recall of S"),
        ("class_calibration_error", "classwise calibration error"),
    )
    for axes, (column, title) in zip(panels, shown, strict=True):
        for kind, color, marker, label in (
            ("plain", "#0072B2", "o", "as trained"),
            ("corrected", "#D55E00", "D", "prior_correction"),
        ):
            values = [way[kind][column] for way in ways.values()]
            axes.plot(values, places, marker, color=color, label=label, alpha=0.9)
        axes.set_title(title, fontsize=10)
        axes.grid(color="0.9")
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_yticks(places, list(ways))
    panels[0].invert_yaxis()
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    return figure


def read_command_line(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = new_parser("Compare class weights, samplers and losses.", beats=3000)
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[0, 1, 2], help="one run of each way per seed"
    )
    parser.add_argument(
        "--check", action="store_true", help="fail if the outcome differs from the expected one"
    )
    return parse(parser, arguments, records="balancing", simulated="balancing_simulated")


def check(result: dict[str, Any]) -> None:
    """Exit with an error if balancing does not have the expected effects."""
    ways = result["ways"]
    before, after = ways["nothing"]["plain"], ways["sampler='balanced'"]
    if not after["plain"]["recall_S"] > before["recall_S"]:
        sys.exit("Balancing must raise the recall of S.")
    if not after["plain"]["accuracy"] < before["accuracy"]:
        sys.exit("Balancing must cost accuracy.")
    if not after["corrected"]["class_calibration_error"] < after["plain"]["class_calibration_error"]:
        sys.exit("Prior correction must improve the classwise calibration.")


if __name__ == "__main__":
    done = main()
    if "--check" in sys.argv:
        check(done)
