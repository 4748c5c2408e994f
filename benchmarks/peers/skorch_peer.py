"""skorch: its classifier around a module that packs.

Computes: torch's packed recurrence over the real steps only, in both directions if bidirectional; the head reads the state after the
last real step. Users write the network themselves; this one is the same as seqclf's.
Ignores: nothing; the lengths are passed together with the beats.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import skorch
import torch
from benchmarks.peers.work import (
    BATCH,
    CLASSES,
    HIDDEN,
    LAYERS,
    LEARNING_RATE,
    PREDICTION_BATCH,
    Beats,
    Epoch,
)
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence


class PackedGRU(nn.Module):
    """A GRU on packed sequences, and a linear head on the final states of its last layer."""

    def __init__(self, bidirectional: bool) -> None:
        super().__init__()
        self.recurrence = nn.GRU(1, HIDDEN, LAYERS, batch_first=True, bidirectional=bidirectional)
        self.head = nn.Linear(HIDDEN * (2 if bidirectional else 1), CLASSES)

    def forward(self, padded: Tensor, lengths: Tensor) -> Tensor:
        """Return logits of shape (batch, CLASSES)."""
        _, state = self.recurrence(pack_padded_sequence(padded, lengths, True, False))
        directions = 2 if self.recurrence.bidirectional else 1
        logits: Tensor = self.head(torch.cat(list(state[-directions:]), dim=1))
        return logits


class SkorchPeer:
    """A classifier that continues training with each `partial_fit`."""

    def __init__(self, *, bidirectional: bool, threads: int) -> None:
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        self._model = skorch.NeuralNetClassifier(
            PackedGRU,
            module__bidirectional=bidirectional,
            criterion=nn.CrossEntropyLoss,
            optimizer=torch.optim.Adam,
            lr=LEARNING_RATE,
            batch_size=BATCH,
            iterator_train__shuffle=True,
            iterator_valid__batch_size=PREDICTION_BATCH,
            train_split=None,
            verbose=0,
        )

    def train(self, beats: Beats, epochs: int = 1) -> Epoch:
        """Train; the seconds are those of the history, without the set-up of `fit`."""
        for _ in range(epochs):
            self._model.partial_fit(_columns(beats), beats.target, classes=np.arange(CLASSES), epochs=1)
        seconds = self._model.history[-epochs:, "dur"]
        return Epoch(seconds=sum(seconds) / epochs, loss=float(self._model.history[-1, "train_loss"]))

    def predict(self, beats: Beats) -> NDArray[np.floating]:
        """Predict with skorch's loop over batches."""
        proba: NDArray[np.floating] = self._model.predict_proba(_columns(beats))
        return proba

    def versions(self) -> dict[str, str]:
        """Return versions."""
        return {"skorch": skorch.__version__, "torch": torch.__version__}


def _columns(beats: Beats) -> dict[str, NDArray[Any]]:
    """Return the arguments of the module's `forward` in the form that skorch takes."""
    return {"padded": beats.padded, "lengths": beats.lengths}
