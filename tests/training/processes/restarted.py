"""One process is killed in mid-epoch, all are started again, and the model is that of an undisturbed fit.

`python -m torch.distributed.run --nproc-per-node=... restarted.py FOLDER`
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np

import seqclf
from seqclf.training import current_group

rng = np.random.default_rng(0)
X = [rng.normal(size=(n, 2)) + n % 2 for n in rng.integers(3, 30, size=90)]
Y = [len(sequence) % 2 for sequence in X]
n_batches = {"resumed": 0, "undisturbed": 0}
"""Batches of each fit in this process."""


class KillsItself:
    """An augmentation that ends the process of rank 2 in the second epoch, once.

    The file `killed` exists from then on; ranks, and the count of restarts, may differ between hosts.
    """

    def __init__(self, name: str, killed: Path) -> None:
        self.name = name
        self.killed = killed

    def __call__(self, sequences: Any, target: Any, generator: Any) -> Any:
        n_batches[self.name] += 1
        if current_group().rank == 2 and n_batches["resumed"] == 10 and not self.killed.exists():
            self.killed.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return sequences


def here(path: Path) -> Path:
    """Return the path of a checkpoint; the second host does not see the folder of the first one."""
    return path if current_group().is_main else Path("/folder of another host") / path.name


def fit(augmentation: Any, **options: Any) -> list[Any]:
    """Return weights and training losses."""
    model = seqclf.GRUClassifier(
        hidden_size=4,
        dropout=0.2,
        num_layers=2,
        batch_size=16,
        max_epochs=3,
        augmentation=augmentation,
        random_state=0,
    ).fit(X, Y, **options)
    weights = [w.flatten().tolist() for w in model.module_.state_dict().values()]
    return [weights, model.history_["train_loss"]]


if __name__ == "__main__":
    with seqclf.distributed() as group:
        folder = Path(sys.argv[1])
        killed = folder / "killed"
        resumed = fit(
            KillsItself("resumed", killed), checkpoint=here(folder / "run.ckpt"), checkpoint_every=2
        )
        undisturbed = fit(KillsItself("undisturbed", killed))
        if group.is_main:
            found = {
                "killed": killed.exists(),
                "n_processes": group.n_processes,
                "same": resumed == undisturbed,
            }
            (folder / "found.json").write_text(json.dumps(found | n_batches))
