"""seqclf: the estimator and its public methods.

Computes: recurrence over the real steps only, in both directions if bidirectional; the head reads the state after the last real step.
Also does: gradient clipping and macro F1 of each epoch, which are defaults here and absent from the peers.
Prediction uses batches of a fixed number of real steps (about 500 beats), which users cannot set.
"""

from __future__ import annotations

import numpy as np
import torch
from benchmarks.peers.work import BATCH, CLASSES, HIDDEN, LAYERS, LEARNING_RATE, Beats, Epoch
from numpy.typing import NDArray

import seqclf


class SeqclfPeer:
    """An estimator that continues training with each `partial_fit`."""

    def __init__(self, *, bidirectional: bool, threads: int) -> None:
        torch.set_num_threads(threads)
        self._model = seqclf.GRUClassifier(
            hidden_size=HIDDEN,
            num_layers=LAYERS,
            bidirectional=bidirectional,
            pooling="last",
            batch_size=BATCH,
            lr=LEARNING_RATE,
            dropout=0.0,
            stem=None,
            augmentation=None,
            scale=None,
            device="cpu",
            random_state=0,
        )

    def train(self, beats: Beats, epochs: int = 1) -> Epoch:
        """Train; the seconds are those of the history, without the set-up of `fit`."""
        for _ in range(epochs):
            self._model.partial_fit(
                beats.padded, beats.target, classes=np.arange(CLASSES), lengths=beats.lengths
            )
        records = self._model.history_.epochs[-epochs:]
        return Epoch(seconds=sum(record.seconds for record in records) / epochs, loss=records[-1].train_loss)

    def predict(self, beats: Beats) -> NDArray[np.floating]:
        """Predict from the padded array and the lengths."""
        return self._model.predict_proba(beats.padded, lengths=beats.lengths)

    def versions(self) -> dict[str, str]:
        """Return versions, and the engine that "auto" chose."""
        return {
            "seqclf": seqclf.__version__,
            "torch": torch.__version__,
            "engine": self._model.engine_,
        }
