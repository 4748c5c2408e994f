"""Which part of a heartbeat does a prediction depend on? One beat of each class, with steps occluded.

    python examples/explain_heartbeats.py                             # simulated beats, a minute
    python examples/explain_heartbeats.py --data path/to/mitdb

A small bidirectional GRU is trained on `--train` beats (a stratified sample of 80 % of all) and explains one test beat of each class:
of those it predicts correctly, the one with the median probability. The figure shows each beat on a background that is darker where
hiding the signal lowers the logit of its class, and below it the drop of the logit beside the drops of models with random weights.

Writes `occlusion.json` and `occlusion.png` into `--out`; takes a minute of processor time.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiment import new_parser, parse, provenance, read_beats, replace_text, split_beats
from seqclf import GRUClassifier
from seqclf.datasets import Heartbeats
from seqclf.evaluation import Occlusion, occlusion

FREQUENCY = 125  # samples per second


def main(arguments: list[str] | None = None) -> dict[str, Occlusion]:
    """Run the script; return what was found for each class."""
    options = read_command_line(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    beats = read_beats(options, seed=0)
    split = split_beats(beats.target, options.train, seed=0)
    model = GRUClassifier(
        bidirectional=True,
        hidden_size=32,
        stem="conv",
        scale=None,  # each beat is scaled to [0, 1] when it is cut
        augmentation=None,
        class_weight="inverse_sqrt",
        max_epochs=options.epochs or 10,
        random_state=0,
    )
    model.fit(beats.sequences[split.train], beats.target[split.train])
    proba = model.predict_proba(beats.sequences[split.test])
    predicted = model.classes_[proba.argmax(axis=1)]
    found = {
        name: occlusion(model, beats.sequences[i : i + 1], window=options.window, random_state=0)
        for name, i in median_beats(beats, split.test, proba, predicted).items()
    }
    result = provenance("explain_heartbeats.py", options) | {
        "n_train": len(split.train),
        "n_test": len(split.test),
        "accuracy": float((predicted == beats.target[split.test]).mean()),
        "beats": {name: summary(one) for name, one in found.items()},
    }
    replace_text(options.out / "occlusion.json", json.dumps(result, indent=1))
    plot(found).savefig(options.out / "occlusion.png", dpi=115, bbox_inches="tight")
    for one in found.values():
        print(one, end="\n\n")
    return found


def median_beats(
    beats: Heartbeats, test: NDArray[np.int64], proba: NDArray[np.float64], predicted: NDArray[Any]
) -> dict[str, int]:
    """Return, for each class, the correctly predicted test beat with the median probability."""
    chosen = {}
    for name in beats.target_names:
        correct = np.flatnonzero((beats.target[test] == name) & (predicted == name))
        if correct.size:
            order = correct[np.argsort(proba[correct].max(axis=1), kind="stable")]
            chosen[name] = int(test[order[len(order) // 2]])
    return chosen


def summary(found: Occlusion) -> dict[str, Any]:
    """Return what the text of the documentation states."""
    return {
        "probability": round(found.probability, 4),
        "n_steps": len(found.drops),
        "window": found.window,
        "largest_drop": round(float(found.drops.max()), 3),
        "seconds_of_largest_drop": round(int(found.drops.argmax()) / FREQUENCY, 3),
        "correlations": found.correlations.round(3).tolist(),
    }


def plot(found: Mapping[str, Occlusion]) -> Figure:
    """Plot a column for each class: the beat, coloured, and the drops below it."""
    figure = Figure(figsize=(2.75 * len(found), 4.3), layout="constrained")
    panels = figure.subplots(2, len(found), sharex="col", squeeze=False, height_ratios=(3, 2))
    for (above, below), (name, one) in zip(panels.T, found.items(), strict=True):
        seconds = np.arange(len(one.drops)) / FREQUENCY
        largest = float(np.abs(one.drops).max())
        above.imshow(
            one.drops[None],
            extent=(0, seconds[-1], -0.05, 1.05),
            aspect="auto",
            cmap="PuOr_r",
            vmin=-max(largest, 1),  # a drop far below 1 stays pale
            vmax=max(largest, 1),
            alpha=0.75,
        )
        above.plot(seconds, one.values[:, 0], color="black", linewidth=1.5)
        above.set(title=f"{name}, p = {one.probability:.2f}", ylim=(-0.05, 1.05))
        for i, control in enumerate(one.control_drops):
            label = "random weights, scaled" if i == 0 else None
            scaled = control * largest / np.abs(control).max()
            below.plot(seconds, scaled, color="0.75", linewidth=0.9, label=label)
        below.plot(seconds, one.drops, color="#D55E00", linewidth=1.8, label="drop of the logit")
        below.axhline(0, color="0.5", linewidth=0.7, zorder=0)
        below.set(xlabel="seconds from the R peak", ylim=(-1.1 * largest, 1.1 * largest))
        for axes in (above, below):
            axes.tick_params(labelsize=8)
            axes.spines[["top", "right"]].set_visible(False)
    panels[0, 0].set_ylabel("lead, scaled")
    panels[1, 0].set_ylabel("drop of the logit")
    handles = panels[1, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=2, frameon=False)
    return figure


def read_command_line(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = new_parser("Explain predictions of heartbeats.", beats=1500)
    parser.add_argument("--window", type=int, default=8, help="steps to hide at once (default: %(default)s)")
    parser.set_defaults(train=6000)
    return parse(parser, arguments, records="explain", simulated="explain_simulated")


if __name__ == "__main__":
    main()
