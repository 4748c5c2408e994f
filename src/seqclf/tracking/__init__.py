"""Run trackers: record the parameters, epochs and report of a fit, or of each trial of a sweep.

The four trackers here are plain callbacks of `fit`, so a single fit needs nothing else:

>>> import tempfile
>>> from seqclf import GRUClassifier
>>> from seqclf.tracking import CsvTracker
>>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, [1, 0] * 8
>>> with tempfile.TemporaryDirectory() as folder:
...     model = GRUClassifier(max_epochs=2, callbacks=[CsvTracker(folder)]).fit(X, y)

Within `with tracker:` the run stays open after `fit`, for a report on held-out samples. In a sweep, pass the same trackers as
`sweep(..., trackers=[...])`: each trial is a run.
"""

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
