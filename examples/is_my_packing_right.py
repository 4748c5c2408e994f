"""The course notebook's simple RNN did worse packed than with 75 samples cut off. Was the packing right?

    python examples/is_my_packing_right.py                                  # simulated beats, about a minute
    python examples/is_my_packing_right.py --data path/to/mitdb --train 20000

The course notebook, from which seqclf grew, classified heartbeats of the MIT-BIH database with RNN, GRU and LSTM.

Table: its simple RNN (64 units, 2 layers, balancing sampler, learning rate 0.001, last state, torch's initial weights) on the
whole padded table, on the table without its last 75 columns, and on packed sequences; then packed with orthogonal initial
weights; then packed with seqclf's pooling over all steps and its schedule. Columns: accuracy and macro F1 on the test set,
whether padding changes predictions, and how fast the gradient vanishes with the distance from the last step.

Data: see `reproduce_models.py`. Expected on the records with `--train 20000`, median of 3 seeds: the audit passes for the packed
models and no others; packed with orthogonal weights exceeds packed with torch's weights by 0.05 in macro F1; with `--check` the
script fails otherwise. About 15 minutes on 2 CPU cores.

Writes `packing.json`, `packing.md` and `gradient.png` into `--out`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

from experiment import PLAIN, new_parser, parse, provenance, read_beats, replace_text, split_beats
from seqclf import RNNClassifier, Sequences, as_sequences, pad
from seqclf.audit import PaddingAudit, audit_padding
from seqclf.evaluation import evaluate
from seqclf.nn import CrossEntropyLoss

WIDTH, CUT = 187, 75
BACK = 160
"""Largest distance from the last step, in steps, at which the gradient is shown."""

Table = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """An input and a configuration of the simple RNN."""

    title: str
    columns: int = WIDTH
    knows_lengths: bool = True
    options: Mapping[str, Any]


AS_NOTEBOOK: dict[str, Any] = {
    "pooling": "last",
    "init": "torch",
    "sampler": "balanced",
    "lr": 1e-3,
    "schedule": "constant",
    "gradient_clip": None,
}
VARIANTS = {
    "padded": Variant(title="padded to 187", knows_lengths=False, options=AS_NOTEBOOK),
    "cut": Variant(title="75 columns cut", columns=WIDTH - CUT, knows_lengths=False, options=AS_NOTEBOOK),
    "packed": Variant(title="packed", options=AS_NOTEBOOK),
    "packed_orthogonal": Variant(
        title="packed, orthogonal weights", options=AS_NOTEBOOK | {"init": "orthogonal"}
    ),
    "packed_all_steps": Variant(
        title="packed, orthogonal weights, pooling over all steps",
        options={"sampler": "balanced"},
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """The beats of a variant: a padded table, the real lengths, and the number of steps that the network reads."""

    table: Table  # (n, columns, 1)
    lengths: NDArray[np.int64]
    read: NDArray[np.int64]

    @property
    def sequences(self) -> Sequences:
        """The sequences that the network reads, with padding where the variant does not know the lengths."""
        return as_sequences(self.table, lengths=self.read)


def input_of(variant: Variant, sequences: Sequences) -> Input:
    """Return the input of a variant."""
    table = pad(sequences, total_length=WIDTH)[0].numpy()[:, : variant.columns]
    lengths = np.minimum(sequences.lengths.numpy(), variant.columns)
    whole = np.full_like(lengths, variant.columns)
    return Input(table=table, lengths=lengths, read=lengths if variant.knows_lengths else whole)


def gradient_by_distance(model: RNNClassifier, given: Input, target: NDArray[Any]) -> NDArray[np.float64]:
    """Return how strongly the loss depends on the input at each distance from the last step.

    The root mean square of the gradient over all sequences that are long enough, divided by that at the last step; shape (BACK,),
    NaN where no sequence is long enough.
    """
    sequences = given.sequences
    values = sequences.values.clone().requires_grad_()
    logits = model.module_(sequences.with_values(values))
    index = torch.from_numpy(np.searchsorted(model.classes_, target))
    (gradient,) = torch.autograd.grad(CrossEntropyLoss()(logits, index), values)
    ends = sequences.offsets[1:].repeat_interleave(sequences.lengths)
    distance = (ends - 1 - torch.arange(len(values))).clamp(max=BACK)
    squares = torch.bincount(distance, gradient.square().sum(dim=1).double(), minlength=BACK + 1)[:BACK]
    reached = torch.bincount(distance, minlength=BACK + 1)[:BACK]
    size = (squares / reached).sqrt().numpy()
    return np.asarray(size / max(size[0], 1e-300))


def audit(model: RNNClassifier, variant: Variant, given: Input) -> PaddingAudit:
    """Check whether padding changes the predictions of the fitted model."""
    if variant.knows_lengths:
        return audit_padding(model, given.table, given.lengths)

    def scores(table: Table) -> NDArray[np.float64]:
        return model.predict_proba(as_sequences(table, padding_value=None))

    return audit_padding(scores, given.table, given.lengths)


def run(
    variant: Variant,
    train: tuple[Sequences, NDArray[Any]],
    test: tuple[Sequences, NDArray[Any]],
    *,
    seed: int,
    epochs: int | None,
) -> dict[str, Any]:
    """Train one variant once; return its scores, its audit, and its gradient before and after training."""
    model = RNNClassifier(random_state=seed, max_epochs=epochs or "auto", **PLAIN | dict(variant.options))
    train_input, test_input = input_of(variant, train[0]), input_of(variant, test[0])
    untrained = RNNClassifier(
        random_state=seed, **PLAIN | dict(variant.options) | {"max_epochs": 1, "lr": 1e-12}
    )
    some = np.linspace(0, len(test[1]) - 1, min(512, len(test[1])), dtype=np.int64)  # of all records
    probe = Input(table=test_input.table[some], lengths=test_input.lengths[some], read=test_input.read[some])
    untrained.fit(train_input.sequences[:2000], train[1][:2000])
    started = time.perf_counter()
    model.fit(train_input.sequences, train[1])
    seconds = time.perf_counter() - started
    report = evaluate(test[1], model.predict(test_input.sequences), labels=model.classes_)
    found = audit(model, variant, test_input)
    return {
        "seed": seed,
        "fit_seconds": round(seconds, 1),
        "report": report.to_dict(),
        "audit": found.to_dict(),
        "gradient_before": gradient_by_distance(untrained, probe, test[1][some]),
        "gradient_after": gradient_by_distance(model, probe, test[1][some]),
    }


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Run the script; return the results."""
    options = read_command_line(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    beats = read_beats(options, seed=0)
    split = split_beats(beats.target, options.train, seed=0)
    train = beats.sequences[split.train], beats.target[split.train]
    test = beats.sequences[split.test], beats.target[split.test]
    result = provenance("is_my_packing_right.py", options) | {
        "n_train": len(split.train),
        "n_test": len(split.test),
        "cut": share_of_cut(beats.sequences),
        "length_alone": length_alone(train, test),
        "variants": {},
    }
    one = partial(run, train=train, test=test, epochs=options.epochs)
    for key, variant in VARIANTS.items():
        runs = [one(variant, seed=seed) for seed in options.seeds]
        result["variants"][key] = summary(variant, runs)
        print(table([result["variants"][key]]).splitlines()[-1], flush=True)
        replace_text(options.out / "packing.json", json.dumps(result, indent=1))
    replace_text(options.out / "packing.md", table(list(result["variants"].values())) + "\n")
    plot(result["variants"]).savefig(options.out / "gradient.png", dpi=120, bbox_inches="tight")
    return result


def share_of_cut(sequences: Sequences) -> dict[str, float]:
    """Return how many real and padded steps the cut removes."""
    lengths, kept = sequences.lengths.numpy(), WIDTH - CUT
    return {
        "rows_that_lose_steps": float((lengths > kept).mean()),
        "rows_still_padded": float((lengths < kept).mean()),
        "padded_columns_before": float((WIDTH - lengths).mean()),
        "padded_columns_after": float(np.maximum(kept - lengths, 0).mean()),
    }


def length_alone(
    train: tuple[Sequences, NDArray[Any]], test: tuple[Sequences, NDArray[Any]]
) -> dict[str, float]:
    """Score a decision tree whose only feature is the length of a beat, up to the cut."""
    train_length, test_length = (
        np.minimum(beats[0].lengths.numpy(), WIDTH - CUT)[:, None] for beats in (train, test)
    )
    tree = DecisionTreeClassifier(max_leaf_nodes=16, class_weight="balanced", random_state=0)
    report = evaluate(test[1], tree.fit(train_length, train[1]).predict(test_length), labels=tree.classes_)
    return {
        "accuracy": report.accuracy,
        "macro_f1": report.macro_f1,
        "recall_S": report.per_class["S"].recall,
    }


def summary(variant: Variant, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Summarise the runs of a variant: medians over the seeds."""

    def median(pick: Callable[[dict[str, Any]], Any]) -> Any:
        return np.median([pick(one) for one in runs], axis=0)

    return {
        "title": variant.title,
        "accuracy": float(median(lambda one: one["report"]["accuracy"])),
        "macro_f1": float(median(lambda one: one["report"]["macro"]["f1"])),
        "recall_S": float(median(lambda one: one["report"]["per_class"]["S"]["recall"])),
        "diagnosis": runs[0]["audit"]["diagnosis"],
        "largest_change": max(check["largest_change"] for check in runs[0]["audit"]["checks"]),
        "gradient_50_steps_back": float(median(lambda one: one["gradient_before"][50])),
        "gradient_before": without_end(median(lambda one: one["gradient_before"])),
        "gradient_after": without_end(median(lambda one: one["gradient_after"])),
        "runs": [
            {name: value for name, value in one.items() if not name.startswith("gradient")} for one in runs
        ],
    }


def without_end(sizes: NDArray[np.float64]) -> list[float]:
    """Drop the distances that no sequence reaches: JSON has no NaN."""
    return [float(f"{size:.3g}") for size in sizes[np.isfinite(sizes)]]


def table(variants: list[dict[str, Any]]) -> str:
    """Return the comparison as Markdown."""
    lines = [
        "| simple RNN | accuracy | macro F1 | does padding change predictions? | gradient 50 steps back |",
        "|---|---|---|---|---|",
    ]
    for row in variants:
        reached = (
            "no"
            if row["diagnosis"] is None
            else f"yes: probabilities change by up to {row['largest_change']:.1g}"
        )
        cells = (
            f"{row['accuracy']:.3f}",
            f"{row['macro_f1']:.3f}",
            reached,
            f"{row['gradient_50_steps_back']:.0e}",
        )
        lines.append(f"| {row['title']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def plot(variants: Mapping[str, dict[str, Any]]) -> Figure:
    """Plot the size of the gradient against the distance from the last step."""
    colors = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7")
    styles = ("-", "--", ":", "-", "-")
    figure = Figure(figsize=(11, 4.8), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, when in zip(panels, ("before", "after"), strict=True):
        # The first three coincide before training: dashes let the lines below show.
        for color, style, row in zip(colors, styles, variants.values(), strict=True):
            axes.semilogy(row[f"gradient_{when}"], style, color=color, label=row["title"], linewidth=1.8)
        axes.set(title=f"{when} training", xlabel="steps before the last step", ylim=(1e-12, 1e2))
        axes.grid(color="0.9")
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].axhline(1.2e-7, color="0.5", linewidth=0.8)
    panels[0].text(BACK, 1.6e-7, "float32 rounding", ha="right", fontsize=8)
    panels[0].set_ylabel("gradient, relative to\nthat at the last step")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    return figure


def read_command_line(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = new_parser("Was the packing of the course notebook right?", beats=2000)
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[0, 1, 2], help="one run of each variant per seed"
    )
    parser.add_argument(
        "--check", action="store_true", help="fail if the outcome differs from the expected one"
    )
    return parse(parser, arguments, records="packing", simulated="packing_simulated")


def check(result: dict[str, Any]) -> None:
    """Exit with an error if the outcome differs from the expected one."""
    rows = result["variants"]
    for key, row in rows.items():
        if (row["diagnosis"] is None) != key.startswith("packed"):
            sys.exit(
                f"The audit must pass for the packed models and no others; got {key}: {row['diagnosis']}."
            )
    gain = rows["packed_orthogonal"]["macro_f1"] - rows["packed"]["macro_f1"]
    if gain < 0.05:
        sys.exit(f"Orthogonal weights must gain 0.05 in macro F1; got {gain:.3f}.")


if __name__ == "__main__":
    done = main()
    if "--check" in sys.argv:
        check(done)
