"""Runs, told to whoever keeps them."""

from seqclf.tracking._csv import CsvTracker
from seqclf.tracking._mlflow import MlflowTracker
from seqclf.tracking._protocol import RunInfo, RunStatus, Tracker
from seqclf.tracking._tensorboard import TensorBoardTracker
from seqclf.tracking._tracking import Tracking
from seqclf.tracking._wandb import WandbTracker

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
