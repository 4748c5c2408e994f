"""How early can a heartbeat be classified, and at which cost?

    python examples/early_heartbeats.py                                     # simulated beats, a minute
    python examples/early_heartbeats.py --data path/to/mitdb --train 10000 --epochs 8
    python examples/early_heartbeats.py --data path/to/mitdb --train 10000 --epochs 8 --choose --seeds 0

Two GRUs of one direction, with 64 units and 2 layers, differ in their training only: *whole* sees whole beats, *prefix* sees half of
them cut to random prefixes (`transforms.RandomPrefix`). Both predict from prefixes of each beat (`evaluation.earliness`). A beat
starts at its R peak and lasts 1.2 usual intervals between beats, so the next R peak, if it is on time, is after 83 % of it.

Recorded beats are in mV, not scaled to [0, 1] as in the other scripts: the maximum of a beat is unknown before its end. Simulated
beats are scaled; they only show that the script works.

A tenth of the training beats is a validation set. From it comes the threshold of each model: of those whose macro F1 is at most 0.01
lower than that of whole beats, the one that reads least. `--choose` compares settings of `RandomPrefix` on the validation set and
never uses the test set; of those whose macro F1 on whole beats is at most 0.05 lower, we took the one with the highest mean over all
shares. The test set is the stratified 20 % of `reproduce_models.py`.

Writes `early.json`, `early.md` and `early.png`, or `choice.json` and `choice.md`, into `--out`; three seeds take about 6 minutes of
processor time on the records. With `--check` the script fails unless training with prefixes raises the mean macro F1 over all shares.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiment import PLAIN, new_parser, parse, provenance, replace_text, split_beats
from seqclf import GRUClassifier
from seqclf.datasets import (
    DS1,
    DS2,
    PACED_RECORDS,
    BeatCut,
    Heartbeats,
    WFDBRecord,
    cut_beats,
    make_heartbeats,
    read_wfdb,
)
from seqclf.evaluation import EarlyScores, earliness, stratified_split
from seqclf.transforms import RandomApply, RandomPrefix

Run = dict[str, Any]

RECORDS = sorted({*DS1, *DS2, *PACED_RECORDS})
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998)
LOSS = 0.01
"""How much macro F1 a threshold may cost."""

MODELS: dict[str, tuple[str, Any]] = {
    "whole": ("trained on whole beats", None),
    "prefix": ("half of them cut to prefixes", "prefix"),
}
CANDIDATES: dict[str, tuple[str, Any]] = {
    "nothing": ("whole beats", None),
    **{
        f"{shortest}_{probability}": (
            f"prefixes from {shortest:.0%} on, probability {probability}",
            RandomApply(RandomPrefix(shortest), probability),
        )
        for shortest in (0.05, 0.2)
        for probability in (0.5, 0.8)
    },
}
SHOWN = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000")


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Run the script; return the results."""
    options = read_command_line(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    beats = recorded_beats(options.data) if options.data else make_heartbeats(options.beats, random_state=0)
    split = split_beats(beats.target, options.train, seed=0)
    held_out = stratified_split(beats.target[split.train], test_size=0.1, random_state=0)
    train, valid = split.train[held_out.train], split.train[held_out.test]
    result = provenance("early_heartbeats.py", options) | {
        "n_train": len(train),
        "n_valid": len(valid),
        "seeds": options.seeds,
        "classes": list(beats.target_names),
        "models": {},
    }
    if not options.choose:
        result["n_test"] = len(split.test)
    name = "choice" if options.choose else "early"
    models = CANDIDATES if options.choose else MODELS
    sets = {"valid": valid} if options.choose else {"valid": valid, "test": split.test}
    wanted = [(key, seed) for seed in options.seeds for key in models]
    parallel = Parallel(n_jobs=options.jobs, return_as="generator")
    for (key, seed), run in zip(
        wanted,
        parallel(
            delayed(run_once)(models[key][1], beats, train, sets, seed=seed, epochs=options.epochs)
            for key, seed in wanted
        ),
        strict=True,
    ):
        row = result["models"].setdefault(key, {"title": models[key][0], "runs": []})
        row["runs"].append(run)
        print(f"{row['title']}, seed {seed}: {run['fit_seconds']:.0f} s", flush=True)
        replace_text(options.out / f"{name}.json", json.dumps(result, indent=1))
    text = choice_table(result["models"]) if options.choose else table(result["models"])
    replace_text(options.out / f"{name}.md", text + "\n")
    print(text)
    if not options.choose:
        plot(result).savefig(options.out / "early.png", dpi=115, bbox_inches="tight")
    return result


def recorded_beats(folder: Path) -> Heartbeats:
    """Return the beats of `load_mitbih` in mV."""
    return cut_beats(map(partial(read_lead, folder), RECORDS), BeatCut(scale=None), drop_last_beat=True)


def read_lead(folder: Path, number: int) -> WFDBRecord:
    """Return the lead MLII of a record; 102 and 104 have V5 instead."""
    lead = "V5" if number in (102, 104) else "MLII"
    return replace(read_wfdb(folder / str(number), annotator="atr", channels=[lead]), channels=("ECG",))


def run_once(
    augmentation: Any,
    beats: Heartbeats,
    train: NDArray[np.int64],
    sets: Mapping[str, NDArray[np.int64]],
    *,
    seed: int,
    epochs: int | None,
) -> Run:
    """Train one model; return its scores on each set of beats, and the threshold chosen on the first."""
    parameters = PLAIN | {"scale": "standard", "augmentation": augmentation, "random_state": seed}
    model = GRUClassifier(max_epochs=epochs or "auto", **parameters)
    started = time.process_time()
    model.fit(beats.sequences[train], beats.target[train])
    run: Run = {"seed": seed, "fit_seconds": round(time.process_time() - started, 1)}
    for name, index in sets.items():
        started = time.process_time()
        found = earliness(model, beats.sequences[index], beats.target[index], THRESHOLDS)
        run[name] = {
            "seconds": round(time.process_time() - started, 1),
            "at_shares": [summary(scores) for scores in found.at_shares],
            "at_thresholds": [summary(scores) for scores in found.at_thresholds],
        }
    run["threshold"] = choose_threshold(run["valid"])
    return run


def summary(scores: EarlyScores) -> dict[str, Any]:
    """Return the scores that are kept, rounded."""
    return {
        "value": scores.value,
        "share_read": round(scores.share_read, 4),
        "share_read_per_class": {
            name: None if share is None else round(share, 4)
            for name, share in scores.share_read_per_class.items()
        },
        "accuracy": round(scores.accuracy, 5),
        "macro_f1": round(scores.macro_f1, 5),
        "harmonic_mean": round(scores.harmonic_mean, 5),
        "f1": {name: round(of_class.f1, 4) for name, of_class in scores.report.per_class.items()},
    }


def choose_threshold(valid: Mapping[str, Any]) -> float | None:
    """Return the threshold that reads least without losing macro F1; None if all lose more than `LOSS`."""
    whole = valid["at_shares"][-1]["macro_f1"]
    enough = [scores for scores in valid["at_thresholds"] if scores["macro_f1"] >= whole - LOSS]
    return min(enough, key=lambda scores: scores["share_read"])["value"] if enough else None


def curve(row: Mapping[str, Any], score: str, on: str = "test") -> NDArray[np.float64]:
    """Return a score at each share: (n_runs, n_shares)."""
    return np.array([[scores[score] for scores in run[on]["at_shares"]] for run in row["runs"]])


def chosen(row: Mapping[str, Any], score: str) -> list[float]:
    """Return a score on the test set of each run, at the threshold that was chosen on its validation set."""
    return [
        next(scores[score] for scores in run["test"]["at_thresholds"] if scores["value"] == run["threshold"])
        for run in row["runs"]
        if run["threshold"] is not None
    ]


def table(rows: Mapping[str, Any]) -> str:
    """Return the scores at some shares, and at the chosen threshold, as Markdown: medians over the seeds."""
    titles = [row["title"] for row in rows.values()]
    head = [
        "share of the beat read",
        *(f"{score}, {title}" for score in ("accuracy", "macro F1") for title in titles),
    ]
    lines = ["| " + " | ".join(head) + " |", "|---:" * len(head) + "|"]
    shares = [scores["value"] for scores in next(iter(rows.values()))["runs"][0]["test"]["at_shares"]]
    for share in SHOWN:
        at = int(np.argmin(np.abs(np.array(shares) - share)))
        values = [
            np.median(curve(row, score), axis=0)[at]
            for score in ("accuracy", "macro_f1")
            for row in rows.values()
        ]
        lines.append(f"| {share:.0%} | " + " | ".join(f"{value:.3f}" for value in values) + " |")
    lines += [
        _threshold_line(row, rows)
        for row in rows.values()
        if len(chosen(row, "accuracy")) == len(row["runs"])
    ]
    return "\n".join(lines)


def _threshold_line(row: Mapping[str, Any], rows: Mapping[str, Any]) -> str:
    threshold = np.median([run["threshold"] for run in row["runs"]])
    cells = [
        f"{np.median(chosen(row, score)):.3f}" if other is row else ""
        for score in ("accuracy", "macro_f1")
        for other in rows.values()
    ]
    read = np.median(chosen(row, "share_read"))
    return f"| {read:.0%} on average, threshold {threshold:g} | " + " | ".join(cells) + " |"


def choice_table(rows: Mapping[str, Any]) -> str:
    """Return the scores on the validation set as Markdown: medians over the seeds."""
    lines = [
        "| | mean macro F1 over all shares | macro F1 at 30 % | of whole beats | accuracy of whole beats |",
        "|---" + "|---:" * 4 + "|",
    ]
    for row in rows.values():
        f1, accuracy = (np.median(curve(row, score, "valid"), axis=0) for score in ("macro_f1", "accuracy"))
        values = (f1.mean(), f1[5], f1[-1], accuracy[-1])
        lines.append(f"| {row['title']} | " + " | ".join(f"{value:.3f}" for value in values) + " |")
    return "\n".join(lines)


def plot(result: Mapping[str, Any]) -> Figure:
    """Plot accuracy and macro F1 of both models, and the F1 of each class with prefixes in training."""
    figure = Figure(figsize=(13, 4.2), layout="constrained")
    panels = figure.subplots(1, 3, sharex=True)
    rows = result["models"]
    for axes, (score, title) in zip(
        panels, (("accuracy", "accuracy"), ("macro_f1", "macro F1")), strict=False
    ):
        for row, color in zip(rows.values(), COLORS, strict=False):
            x, values = np.median(curve(row, "share_read"), axis=0), curve(row, score)
            axes.plot(x, np.median(values, axis=0), color=color, label=row["title"])
            axes.fill_between(x, values.min(axis=0), values.max(axis=0), color=color, alpha=0.15, linewidth=0)
            axes.plot(chosen(row, "share_read"), chosen(row, score), "D", color=color, markersize=5)
        axes.set_title(title)
    axes = panels[2]
    row = rows["prefix"]
    for name, color in zip(result["classes"], COLORS, strict=True):
        values = np.array(
            [[scores["f1"][name] for scores in run["test"]["at_shares"]] for run in row["runs"]]
        )
        x = np.median(curve(row, "share_read"), axis=0)
        axes.plot(x, np.median(values, axis=0), color=color, label=name)
    axes.set_title(f"F1 of each class, {row['title']}")
    axes.legend(
        loc="center",
        bbox_to_anchor=(0.55, 0.63),
        ncols=len(COLORS),
        columnspacing=1.2,
        handlelength=1.2,
        frameon=False,
    )
    panels[0].plot([], [], "D", color="0.4", markersize=5, label="threshold chosen on the validation set")
    for axes in panels[:2]:
        axes.legend(loc="lower right", frameon=False)
    for axes in panels:
        axes.set(xlabel="share of the beat read", xlim=(0, 1.01))
        axes.xaxis.set_major_formatter("{x:.0%}")
        axes.grid(color="0.93")
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def read_command_line(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = new_parser("Measure how early heartbeats can be classified.", beats=3000)
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[0, 1, 2], help="one run of each model per seed"
    )
    parser.add_argument("--jobs", type=int, default=1, help="models to train at once (default: %(default)s)")
    parser.add_argument("--choose", action="store_true", help="compare settings on the validation set")
    parser.add_argument(
        "--check", action="store_true", help="fail if the outcome differs from the expected one"
    )
    return parse(parser, arguments, records="early", simulated="early_simulated")


def check(result: dict[str, Any]) -> None:
    """Exit with an error if training with prefixes does not help."""
    whole, prefix = (curve(result["models"][key], "macro_f1").mean() for key in ("whole", "prefix"))
    if not prefix > whole:
        sys.exit(
            f"Training with prefixes must raise the mean macro F1 over all shares; got {prefix:.3f} and {whole:.3f}."
        )


if __name__ == "__main__":
    done = main()
    if "--check" in sys.argv:
        check(done)
