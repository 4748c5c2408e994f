"""Runs, told to whoever keeps them."""

from seqclf.tuning._trackers._csv import CsvTracker
from seqclf.tuning._trackers._mlflow import MlflowTracker
from seqclf.tuning._trackers._protocol import RunInfo, RunStatus, Tracker
from seqclf.tuning._trackers._tensorboard import TensorBoardTracker
from seqclf.tuning._trackers._tracking import Tracking
from seqclf.tuning._trackers._wandb import WandbTracker

__all__ = [
    "CsvTracker",
    "MlflowTracker",
    "RunInfo",
    "RunStatus",
    "TensorBoardTracker",
    "Tracker",
    "Tracking",
    "WandbTracker",
]
