"""Plot each augmentation of a beat: `python docs/figures/augmentation.py` writes docs/_static/augmentations.png."""

from __future__ import annotations

from pathlib import Path

import torch
from matplotlib.figure import Figure

from seqclf import Sequences
from seqclf.datasets import make_heartbeats
from seqclf.transforms import (
    BaselineWander,
    Crop,
    Dropout,
    Jitter,
    MagnitudeWarp,
    RandomPrefix,
    Scale,
    Shift,
    TimeWarp,
    Transform,
)

SHOWN: dict[str, Transform] = {
    "Jitter(0.05)": Jitter(0.05),
    "Scale(0.2)": Scale(0.2),
    "MagnitudeWarp(0.3)": MagnitudeWarp(0.3),
    "TimeWarp(0.5)": TimeWarp(0.5),
    "Shift(15)": Shift(15),
    "Crop(0.4)": Crop(0.4),
    "RandomPrefix(0.3)": RandomPrefix(0.3),
    "BaselineWander(0.2)": BaselineWander(0.2),
    "Dropout(0.1)": Dropout(0.1),
}
COLORS = ("#0072B2", "#D55E00", "#009E73")


def draw(beat: Sequences) -> Figure:
    """Return small multiples: the beat in grey, three random results of each transform in colours."""
    figure = Figure(figsize=(11, 7.2), layout="constrained")
    panels = figure.subplots(3, 3, sharex=True, sharey=True)
    for axes, (title, transform) in zip(panels.flat, SHOWN.items(), strict=True):
        generator = torch.Generator().manual_seed(3)
        axes.plot(beat.values[:, 0], color="0.75", linewidth=3)
        for color in COLORS:
            axes.plot(transform(beat, generator).values[:, 0], color=color, linewidth=0.9)
        axes.set_title(title, family="monospace", fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color="0.93")
    for axes in panels[-1]:
        axes.set_xlabel("step")
    return figure


if __name__ == "__main__":
    beats = make_heartbeats(40, random_state=1)
    normal = int((beats.target == "N").nonzero()[0][0])
    to = Path(__file__).parents[1] / "_static" / "augmentations.png"
    draw(beats.sequences[[normal]]).savefig(to, dpi=115, bbox_inches="tight")
