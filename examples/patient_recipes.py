"""How beats of new patients may be cut, which of them are used for training, and which network reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fibrillation import fibrillate
from seqclf import GRUClassifier, Sequences
from seqclf.datasets import RR_FEATURES, BeatCut, Heartbeats
from seqclf.transforms import Compose, Jitter, Scale, TimeWarp

BEAT = BeatCut(
    sampling_rate=30, window=(-0.3, 0.45), baseline=(0.2, 0.6), scale="record", subtract_median_beat=True
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How beats are cut and which network reads them."""

    title: str
    cut: BeatCut = BEAT
    lead: tuple[str, ...] = ("MLII", "other")
    rhythm: tuple[str, ...] = RR_FEATURES
    fusion: bool = False  # whether F beats are used for training
    every: int = 3  # every third N beat is used for training
    fibrillation: int = 300  # N beats of each record that are used again, with a simulated rhythm
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def classifier(self, **more: Any) -> GRUClassifier:
        """Return the network of this recipe."""
        return GRUClassifier(**PARAMETERS | dict(self.parameters) | more)

    def read(self, beats: Heartbeats) -> Sequences:
        """Return beats with the features of their rhythm."""
        assert beats.rr_features is not None
        return self._with_rhythm(beats.sequences, beats.rr_features)

    def training_set(
        self, beats: Heartbeats, candidates: NDArray[np.int64], seed: int
    ) -> tuple[Sequences, NDArray[Any]]:
        """Return what the network is trained on, of some beats, and its classes."""
        assert beats.rr_features is not None
        used, rhythm = self.used(beats.target, candidates), beats.rr_features
        features = rhythm[used]
        if self.fibrillation:
            again, simulated = fibrillate(beats, used, self.fibrillation, seed)
            used, features = np.concatenate([used, again]), np.concatenate([features, simulated])
        return self._with_rhythm(beats.sequences[used], features), beats.target[used]

    def _with_rhythm(self, sequences: Sequences, features: NDArray[np.float32]) -> Sequences:
        columns = [RR_FEATURES.index(name) for name in self.rhythm]
        return sequences.with_static(features[:, columns]) if columns else sequences

    def used(self, target: NDArray[Any], candidates: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return those of the candidates that the network is trained on."""
        kept = candidates[
            np.isin(target[candidates], ("N", "S", "V", "F") if self.fusion else ("N", "S", "V"))
        ]
        is_normal = target[kept] == "N"
        return np.sort(np.concatenate([kept[~is_normal], kept[is_normal][:: self.every]]))


PARAMETERS: dict[str, Any] = {
    "hidden_size": 30,
    "num_layers": 1,
    "stem": None,
    "static": "both",
    "head": "mlp",
    "head_dropout": 0.2,
    "label_smoothing": 0.1,
    "class_weight": "inverse_sqrt",
    "scale": "standard",
    "augmentation": None,
    "dropout": 0.0,
    "max_epochs": 6,
    "batch_size": 128,
    "lr": 4e-3,
}
BASE = Recipe(title="Base")
AUGMENTED = Compose([Scale(0.2), TimeWarp(0.1), Jitter(0.05)])


def variant(title: str, **changes: Any) -> Recipe:
    """Return the base with one thing changed; what is not part of a recipe is a parameter of its network."""
    own = {name: changes.pop(name) for name in [one.name for one in fields(Recipe)] if name in changes}
    return replace(BASE, title=title, parameters=changes, **own)


VARIANTS = {
    "base": BASE,
    "one_lead": variant("Lead MLII only", lead=("MLII",)),
    "no_fibrillation": variant("No simulated rhythm", fibrillation=0),
    "fibrillation_1000": variant("1,000 beats with a simulated rhythm", fibrillation=1000),
    "fibrillation_100": variant("100 beats with a simulated rhythm", fibrillation=100),
    "dropout": variant("Dropout 0.5 at the head", head_dropout=0.5),
    "augmented": variant("Augmentation over people", augmentation=AUGMENTED),
    "dropout_augmented": variant(
        "Dropout 0.5 at the head, augmentation over people", head_dropout=0.5, augmentation=AUGMENTED
    ),
    "all_normal": variant("All N beats, 2 epochs", every=1, max_epochs=2),
    "all_normal_once": variant("All N beats, 1 epoch", every=1, max_epochs=1),
    "all_normal_3": variant("All N beats, 3 epochs", every=1, max_epochs=3),
    "all_normal_augmented": variant(
        "All N beats, 2 epochs, augmentation over people", every=1, max_epochs=2, augmentation=AUGMENTED
    ),
    "all_normal_dropout": variant(
        "All N beats, 2 epochs, dropout 0.5 at the head", every=1, max_epochs=2, head_dropout=0.5
    ),
    "rate_60": variant("60 Hz", cut=replace(BEAT, sampling_rate=60)),
    "prior": variant("Prior correction", prior_correction=True),
    "epochs_3": variant("3 epochs", max_epochs=3),
    "epochs_12": variant("12 epochs", max_epochs=12),
    "units_64": variant("64 units", hidden_size=64),
    "units_16": variant("16 units", hidden_size=16),
    "two_directions": variant("Two directions", bidirectional=True),
    "unweighted": variant("No weights", class_weight=None),
    "balanced": variant("Balanced weights", class_weight="balanced"),
    "fusion": variant("F beats in training", fusion=True),
    "no_median_beat": variant("Median beat not subtracted", cut=replace(BEAT, subtract_median_beat=False)),
    "no_record_scale": variant("Amplitude in mV", cut=replace(BEAT, scale=None)),
    "no_baseline": variant("Baseline not removed", cut=replace(BEAT, baseline=())),
    "wide": variant("Window of -0.4 to 0.6 s", cut=replace(BEAT, window=(-0.4, 0.6))),
    "head": variant("RR features at the head only", static="head"),
    "linear": variant("Linear head", head="linear"),
    "rhythm_4": variant("Four RR features", rhythm=RR_FEATURES[:4]),
    "regular": variant("Without irregularity", rhythm=RR_FEATURES[:-1]),
    "no_rhythm": variant("Without RR features", rhythm=(), fibrillation=0),
}
CHOSEN = VARIANTS["all_normal"]  # the highest median macro F1 of the variants with three seeds
