"""Ragged in, ragged out: scaling, encoding of tokens and augmentation."""

from seqclf.transforms._amplitude import Jitter, Scale
from seqclf.transforms._baseline import BaselineWander
from seqclf.transforms._combining import Compose, RandomApply
from seqclf.transforms._dropout import Dropout
from seqclf.transforms._minmax import MinMax
from seqclf.transforms._placement import Crop, Shift
from seqclf.transforms._protocol import Transform
from seqclf.transforms._token_encoder import TokenEncoder
from seqclf.transforms._warping import MagnitudeWarp, TimeWarp
from seqclf.transforms._zscore import ZScore

__all__ = [
    "BaselineWander",
    "Compose",
    "Crop",
    "Dropout",
    "Jitter",
    "MagnitudeWarp",
    "MinMax",
    "RandomApply",
    "Scale",
    "Shift",
    "TimeWarp",
    "TokenEncoder",
    "Transform",
    "ZScore",
]
