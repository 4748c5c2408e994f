"""One random transform of each kind, and each at strength 0."""

from __future__ import annotations

import torch

from seqclf.transforms import (
    BaselineWander,
    Compose,
    Crop,
    Dropout,
    Jitter,
    MagnitudeWarp,
    RandomApply,
    RandomPrefix,
    Scale,
    Shift,
    TimeWarp,
    Transform,
)

KEEP_LENGTHS: list[Transform] = [
    Jitter(0.1),
    Scale(0.1),
    MagnitudeWarp(0.3),
    TimeWarp(0.5),
    Shift(2),
    BaselineWander(0.5, period=(2.0, 20.0)),
    Dropout(0.3),
    RandomApply(Scale(0.5), 0.5),
    Compose([Scale(0.1), Jitter(0.1)]),
]
TRANSFORMS: list[Transform] = [
    *KEEP_LENGTHS,
    Crop(0.5),
    RandomApply(Crop(0.5), 0.5),
    RandomPrefix(0.2),
    RandomPrefix(2),
]
NOTHING: list[Transform] = [
    Jitter(0.0),
    Scale(0.0),
    MagnitudeWarp(0.0),
    TimeWarp(0.0),
    Shift(0),
    BaselineWander(0.0),
    Dropout(0.0),
    Crop(0.0),
    RandomPrefix(1.0),
    RandomPrefix(10**9),
    RandomApply(Jitter(1.0), 0.0),
    RandomApply(Jitter(0.0), 1.0),
    Compose([]),
    Compose([Jitter(0.0), Crop(0.0)]),
]


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
