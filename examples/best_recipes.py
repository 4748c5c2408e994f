"""The networks that `best_model.py` trains, and what they read of a beat."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from experiment import PLAIN, half_balanced
from runs import Model
from seqclf import GRUClassifier, Sequences
from seqclf.datasets import BeatCut, Heartbeats, load_mitbih
from seqclf.transforms import Compose, Jitter, Scale, TimeWarp


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

SECONDS = (-0.35, 0.75)
BEFORE_THE_PEAK = BeatCut(window=SECONDS)
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


def beats_before_the_peak(data: Path, lead: str | tuple[str, ...]) -> Heartbeats:
    """Return the same beats as in the published table, cut from before the R peak on."""
    return load_mitbih(data, lead=lead, cut=BEFORE_THE_PEAK, drop_last_beat=True)


def of_records(data: Path) -> dict[str, Model]:
    """Return the parts that need the records, because the published table does not hold what they read."""

    def read(beats: Heartbeats, lead: str | tuple[str, ...]) -> Sequences:
        return with_intervals(beats_before_the_peak(data, lead))

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


SCORED = {
    "beats": Model(
        title="One lead from the R peak on, without RR intervals",
        make=lambda p: gru(p, **AUGMENTED_STEM, **BALANCE, label_smoothing=0.05),
    ),
    "intervals": Model(
        title="One lead from the R peak on, RR intervals",
        make=ABLATION["augmentation"].make,
        read=with_intervals,
    ),
    "unaugmented": Model(
        title="One lead from the R peak on, RR intervals, without augmentation, 20 epochs",
        make=ABLATION["intervals"].make,
        read=with_intervals,
    ),
}
"""Models that were considered the best, and were therefore scored on the test set."""


def scored(data: Path | None) -> dict[str, Model]:
    """Return the models that are scored on the test set; the best one needs the records."""
    if data is None:
        return SCORED
    leads = of_records(data)["leads"]
    return {"best": replace(leads, title="Best model (both leads, a longer window, RR intervals)")} | SCORED
