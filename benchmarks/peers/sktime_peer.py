"""sktime: its ready `GRUClassifier`.

Computes: torch's recurrence over all 187 steps. The head reads the state at step 187, so it reads padding; the lengths are not
used. With `bidirectional=True` the backward half of that state has seen a single step, which is padding for all but the longest
beats: BiGRU is included for its cost, not for its predictions.
Ignores: the lengths. `batch_first=True` because with the default the recurrence runs along the batch.
Does not shuffle. Each `fit` starts from new weights, and its seconds include the set-up, which sktime does not report separately.
"""

from __future__ import annotations

import time

import numpy as np
import sktime
import torch
from benchmarks.peers.work import (
    BATCH,
    HIDDEN,
    LAYERS,
    LEARNING_RATE,
    PREDICTION_BATCH,
    Beats,
    Epoch,
)
from numpy.typing import NDArray
from sktime.classification.deep_learning import GRUClassifier


class SktimePeer:
    """A classifier that starts from new weights with each `fit`."""

    def __init__(self, *, bidirectional: bool, threads: int) -> None:
        torch.set_num_threads(threads)
        self._model = GRUClassifier(
            hidden_dim=HIDDEN,
            n_layers=LAYERS,
            batch_first=True,
            bidirectional=bidirectional,
            batch_size=BATCH,
            lr=LEARNING_RATE,
            random_state=0,
        )

    def train(self, beats: Beats, epochs: int = 1) -> Epoch:
        """Fit from new weights; sktime keeps no losses."""
        self._model.set_params(num_epochs=epochs, batch_size=BATCH)
        X = _instances(beats)
        started = time.perf_counter()
        self._model.fit(X, beats.target)
        return Epoch(seconds=(time.perf_counter() - started) / epochs, loss=None)

    def predict(self, beats: Beats) -> NDArray[np.floating]:
        """Predict with the same batch size as the other peers."""
        self._model.batch_size = PREDICTION_BATCH  # `set_params` would reset the fitted model
        proba: NDArray[np.floating] = self._model.predict_proba(_instances(beats))
        return proba

    def versions(self) -> dict[str, str]:
        """Return versions."""
        return {"sktime": sktime.__version__, "torch": torch.__version__}


def _instances(beats: Beats) -> NDArray[np.float32]:
    """Return the beats as (instances, dimensions, time), sktime's order."""
    return beats.padded.transpose(0, 2, 1)
