"""tsai: its `LSTM` and `GRU`, with the two recipes of its README.

Both recipes are a `TSClassifier` with batches of 64 and the one-cycle schedule; the architecture is the only change.

- The multi-class example (2,459 training sequences): ten epochs, largest learning rate 0.01, each sequence standardised. On the sets here
  that is 8 to 80 steps of the optimizer.
- The univariate example (100 training sequences): 100 epochs, largest learning rate 0.0003, standardised by a batch's mean and deviation.

Padding is that of tsai's reader `get_UCR_data`: NaN at the end (`stack_pad`), then zeros at the start of the part whose longest sequence
is shorter (`match_seq_len`). A recurrent network returns NaN for NaN, so `TSNan2Value` is added; it fills with zero after the
standardisation. The networks have one layer of 100 units and classify the state at the last padded step.
"""

from __future__ import annotations

import numpy as np
import torch
import tsai
from benchmarks.archive.sets import ArchiveSet, Sequences
from benchmarks.archive.torchvision_import import VERSION as TORCHVISION
from numpy.typing import NDArray
from tsai.basics import TSClassification, TSClassifier, TSNan2Value, TSStandardize
from tsai.data.validation import get_predefined_splits
from tsai.utils import match_seq_len, stack_pad

VERSIONS = {"tsai": tsai.__version__, "torch": torch.__version__, "torchvision": TORCHVISION}


def lstm(data: ArchiveSet, seed: int) -> NDArray[np.str_]:
    """Return the predictions of `LSTM` with the multi-class recipe."""
    return _predictions("LSTM", data, seed, TSStandardize(by_sample=True), epochs=10, lr=1e-2)


def gru(data: ArchiveSet, seed: int) -> NDArray[np.str_]:
    """Return the predictions of `GRU` with the multi-class recipe."""
    return _predictions("GRU", data, seed, TSStandardize(by_sample=True), epochs=10, lr=1e-2)


def lstm_100(data: ArchiveSet, seed: int) -> NDArray[np.str_]:
    """Return the predictions of `LSTM` with the univariate recipe."""
    return _predictions("LSTM", data, seed, TSStandardize(), epochs=100, lr=3e-4)


def gru_100(data: ArchiveSet, seed: int) -> NDArray[np.str_]:
    """Return the predictions of `GRU` with the univariate recipe."""
    return _predictions("GRU", data, seed, TSStandardize(), epochs=100, lr=3e-4)


def _predictions(
    arch: str, data: ArchiveSet, seed: int, standardize: TSStandardize, *, epochs: int, lr: float
) -> NDArray[np.str_]:
    train, test = match_seq_len(_padded(data.train), _padded(data.test))
    X = np.concatenate([train, test]).astype(np.float32)
    y = np.concatenate([data.y_train, data.y_test])
    splits = get_predefined_splits(train, test)
    model = TSClassifier(
        X,
        y,
        splits=splits,
        arch=arch,
        tfms=[None, TSClassification()],
        batch_tfms=[standardize, TSNan2Value()],
        seed=seed,
    )
    with model.no_bar(), model.no_logging():
        model.fit_one_cycle(epochs, lr)
        _, _, predicted = model.get_X_preds(X[splits[1]])
    return np.array(predicted)


def _padded(sequences: Sequences) -> NDArray[np.float64]:
    """Return an array of shape (n_sequences, n_features, n_timesteps)."""
    features = [
        stack_pad(np.array([sequence[feature] for sequence in sequences], dtype=object))
        for feature in range(len(sequences[0]))
    ]
    return np.stack(features, axis=1)
