"""aeon: `MiniRocketClassifier`, the strongest of the cheap classifiers.

It refuses sequences of unequal length; aeon has two transformers that make them equal:

- `Padder` fills the end with zeros. Its target is the longest sequence of both parts: with the default `"max"` it raises where a test
  sequence is longer than all training sequences.
- `Resizer` interpolates each sequence to the longest of the training part, so the length itself is lost.

Everything else is aeon's default: 10,000 kernels, a ridge classifier on standardised features, no scaling of the input.
"""

from __future__ import annotations

import aeon
import numba
import numpy as np
from aeon.classification.convolution_based import MiniRocketClassifier
from aeon.transformations.collection.base import BaseCollectionTransformer
from aeon.transformations.collection.unequal_length import Padder, Resizer
from benchmarks.archive.sets import ArchiveSet
from numpy.typing import NDArray
from sklearn.pipeline import make_pipeline

VERSIONS = {"aeon": aeon.__version__, "numba": numba.__version__}


def minirocket(data: ArchiveSet, seed: int) -> NDArray[np.str_]:
    """Return the predictions of padded sequences."""
    return _predictions(Padder(padded_length=data.longest), data, seed)


def minirocket_resized(data: ArchiveSet, seed: int) -> NDArray[np.str_]:
    """Return the predictions of resized sequences."""
    return _predictions(Resizer(), data, seed)


def _predictions(transformer: BaseCollectionTransformer, data: ArchiveSet, seed: int) -> NDArray[np.str_]:
    model = make_pipeline(transformer, MiniRocketClassifier(random_state=seed))
    predicted: NDArray[np.str_] = model.fit(data.train, data.y_train).predict(data.test)
    return predicted
