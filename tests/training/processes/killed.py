"""One process is killed in mid-epoch; the others end with an error.

`RANK=... WORLD_SIZE=... MASTER_ADDR=... MASTER_PORT=... python killed.py`
"""

from __future__ import annotations

import os
import signal
from typing import Any

import seqclf
from seqclf.training import current_group

X, Y = [[0.1, 0.9, 0.5], [0.9, 0.1]] * 20, [1, 0] * 20


class KillsItself:
    """An augmentation that ends its process in the second epoch."""

    n_batches = 0

    def __call__(self, sequences: Any, *_: Any) -> Any:
        self.n_batches += 1
        if current_group().rank == 1 and self.n_batches == 7:
            os.kill(os.getpid(), signal.SIGKILL)
        return sequences


if __name__ == "__main__":
    with seqclf.distributed():
        seqclf.GRUClassifier(
            hidden_size=4, batch_size=8, max_epochs=1000, augmentation=KillsItself(), random_state=0
        ).fit(X, Y)
