"""sktime: its recurrent classifiers, with their default parameters.

They refuse sequences of unequal length. sktime's own `PaddingTransformer` fills the end with zeros; `pad_length` is the longest
sequence of both parts, because with the default it raises where a test sequence is longer than all training sequences.
The state at the last padded step is classified, so most predictions are read many steps after the end of the sequence.

- `GRUClassifier`: four layers of 256 units, 10 epochs, batches of 8. By default `batch_first=False`, while the batches are (batch, time,
  feature): the recurrence runs along the batch instead of the time (sktime issue 9108, open). A second entry sets `batch_first=True`.
- `SimpleRNNClassifierTorch`: one layer of 6 units, 100 epochs, batches of 1.

Neither shuffles: batches come in the order of the file, which some sets sort by class. Neither scales its input.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import sktime
import torch
from benchmarks.archive.sets import ArchiveSet, Sequences
from numpy.typing import NDArray
from sktime.classification.base import BaseClassifier
from sktime.classification.deep_learning import GRUClassifier, SimpleRNNClassifierTorch
from sktime.transformations.padder import PaddingTransformer

VERSIONS = {"sktime": sktime.__version__, "torch": torch.__version__}


def gru(data: ArchiveSet, seed: int) -> NDArray[np.str_]:
    """Return the predictions of `GRUClassifier()`."""
    return _predictions(GRUClassifier(random_state=seed), data)


def gru_batch_first(data: ArchiveSet, seed: int) -> NDArray[np.str_]:
    """Return the predictions of `GRUClassifier(batch_first=True)`."""
    return _predictions(GRUClassifier(batch_first=True, random_state=seed), data)


def simple_rnn(data: ArchiveSet, seed: int) -> NDArray[np.str_]:
    """Return the predictions of `SimpleRNNClassifierTorch()`."""
    return _predictions(SimpleRNNClassifierTorch(random_state=seed), data)


def _predictions(classifier: BaseClassifier, data: ArchiveSet) -> NDArray[np.str_]:
    model = PaddingTransformer(pad_length=data.longest) * classifier
    predicted: NDArray[np.str_] = model.fit(_nested(data.train), data.y_train).predict(_nested(data.test))
    return predicted


def _nested(sequences: Sequences) -> pd.DataFrame:
    """Return the sequences as a frame of series, which is what sktime's reader of `.ts` files returns."""
    return pd.DataFrame(
        {
            f"dim_{feature}": [pd.Series(sequence[feature]) for sequence in sequences]
            for feature in range(len(sequences[0]))
        }
    )
