"""A run to log, and its classifier."""

from __future__ import annotations

import functools

import numpy as np

from seqclf import GRUClassifier
from seqclf.evaluation import Report
from seqclf.tracking import RunInfo, RunStatus, Tracker
from seqclf.training import EpochRecord

X, Y = [[0.1, 0.9, 0.8], [0.9, 0.1]] * 8, ["N", "V"] * 8
RUN = RunInfo(
    name="trial-0003",
    group="beats",
    parameters={
        "lr": 0.5,
        "hidden_size": np.int64(4),
        "cell": "gru",
        "stem": None,
        "pooling": ("last", "mean"),
        "loss": abs,
    },
)
EPOCHS = (
    EpochRecord(epoch=1, seconds=0.25, lr=0.1, train_loss=0.5, train_accuracy=0.75, train_macro_f1=0.625),
    EpochRecord(
        epoch=2,
        seconds=0.5,
        lr=0.2,
        train_loss=0.25,
        train_accuracy=0.875,
        train_macro_f1=0.8125,
        valid_loss=0.125,
        valid_accuracy=1.0,
        valid_macro_f1=0.9375,
    ),
)
# 8 of the 10 samples of N are predicted correctly, 2 as V; of the 2 samples of V, one is correct.
REPORT = Report(labels=("N", "V"), target_names=("N", "V"), confusion=np.array([[8, 2], [1, 1]]))
ACCURACY = 9 / 12
F1_OF_N = 16 / 19


def small(**options: object) -> GRUClassifier:
    """Return a small classifier that trains for two epochs."""
    parameters: dict[str, object] = {"hidden_size": 4, "num_layers": 1, "max_epochs": 2, "random_state": 0}
    return GRUClassifier(**parameters | options)  # type: ignore[arg-type]


@functools.cache
def fitted() -> GRUClassifier:
    """Return a classifier fitted to `X`, `Y`."""
    return small().fit(X, Y)


def log(tracker: Tracker, status: RunStatus = "complete", *, run: RunInfo = RUN) -> None:
    """Log a complete run."""
    tracker.start(run)
    for record in EPOCHS:
        tracker.log_epoch(record)
    tracker.log_report(REPORT, fitted())
    tracker.finish(status)
