from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from seqclf.datasets import make_heartbeats
from seqclf.sequences import pad

Table = tuple[NDArray[np.float32], NDArray[np.int64]]


@pytest.fixture(scope="session")
def beats() -> Table:
    """Return 40 heartbeats in 187 columns, nearly all with a true zero before the last step, and their lengths."""
    table, lengths = pad(make_heartbeats(40, random_state=0).sequences, total_length=187)
    return table.numpy(), lengths.numpy()
