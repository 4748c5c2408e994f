"""Ragged in, ragged out: scaling, representations, encoding of tokens, augmentation."""

from seqclf.transforms._amplitude import Jitter, Scale
from seqclf.transforms._baseline import BaselineWander
from seqclf.transforms._combining import Compose, RandomApply
from seqclf.transforms._differences import Differences
from seqclf.transforms._downsample import Downsample
from seqclf.transforms._dropout import Dropout
from seqclf.transforms._fill_missing import FillMissing
from seqclf.transforms._minmax import MinMax
from seqclf.transforms._placement import Crop, Shift
from seqclf.transforms._prefix import RandomPrefix
from seqclf.transforms._protocol import Transform
from seqclf.transforms._remove_baseline import RemoveBaseline
from seqclf.transforms._scale_groups import scale_groups
from seqclf.transforms._time_deltas import TimeDeltas
from seqclf.transforms._token_encoder import TokenEncoder
from seqclf.transforms._views import Views
from seqclf.transforms._warping import MagnitudeWarp, TimeWarp
from seqclf.transforms._zscore import ZScore

__all__ = [
    "BaselineWander",
    "Compose",
    "Crop",
    "Differences",
    "Downsample",
    "Dropout",
    "FillMissing",
    "Jitter",
    "MagnitudeWarp",
    "MinMax",
    "RandomApply",
    "RandomPrefix",
    "RemoveBaseline",
    "Scale",
    "Shift",
    "TimeDeltas",
    "TimeWarp",
    "TokenEncoder",
    "Transform",
    "Views",
    "ZScore",
    "scale_groups",
]
