"""aeon: `MiniRocketClassifier`, the strongest of the cheap classifiers.

It refuses sequences of unequal length. aeon's own transformer `Padder` fills the end with zeros; its target is the longest sequence
of both parts, because with the default `"max"` it raises where a test sequence is longer than all training sequences.
Everything else is aeon's default: 10,000 kernels, a ridge classifier on standardised features, no scaling of the input.
"""

from __future__ import annotations

import aeon
import numba
import numpy as np
from aeon.classification.convolution_based import MiniRocketClassifier
from aeon.transformations.collection.unequal_length import Padder
from benchmarks.archive.sets import ArchiveSet
from numpy.typing import NDArray
from sklearn.pipeline import make_pipeline

VERSIONS = {"aeon": aeon.__version__, "numba": numba.__version__}


def minirocket(data: ArchiveSet, seed: int) -> NDArray[np.str_]:
    """Return the predictions for the test part."""
    model = make_pipeline(Padder(padded_length=data.longest), MiniRocketClassifier(random_state=seed))
    predicted: NDArray[np.str_] = model.fit(data.train, data.y_train).predict(data.test)
    return predicted
