"""Module and batches in, fitted module out."""

from seqclf.training._callbacks import Callback, FitCallback, ProgressBar
from seqclf.training._config import SCHEDULES, Schedule, TrainingConfig
from seqclf.training._data import LabelledSequences
from seqclf.training._history import EpochRecord, History, Scores
from seqclf.training._loop import IndexBatches, device_of, new_optimizer, score, set_rates, train

__all__ = [
    "Callback",
    "EpochRecord",
    "FitCallback",
    "History",
    "IndexBatches",
    "LabelledSequences",
    "ProgressBar",
    "SCHEDULES",
    "Schedule",
    "Scores",
    "TrainingConfig",
    "device_of",
    "new_optimizer",
    "score",
    "set_rates",
    "train",
]
