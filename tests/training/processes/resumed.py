"""A fit with a checkpoint on several processes: `torchrun ... resumed.py FOLDER [--no-checkpoint]`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

import seqclf

rng = np.random.default_rng(0)
X = [rng.normal(size=(n, 2)) + n % 2 for n in rng.integers(3, 30, size=300)]
Y = [len(sequence) % 2 for sequence in X]

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    options: dict[str, Any] = {"checkpoint": folder / "run.ckpt", "checkpoint_every": 3}
    with seqclf.distributed() as group:
        (folder / f"{group.rank}.pid").write_text(str(os.getpid()))
        model = seqclf.GRUClassifier(
            hidden_size=8,
            num_layers=2,
            dropout=0.2,
            batch_size=16,
            max_epochs=20,
            augmentation="jitter",
            early_stopping=True,
            n_iter_no_change=20,
            random_state=0,
        ).fit(X, Y, **({} if "--no-checkpoint" in sys.argv else options))
        if group.is_main:
            losses = repr(model.history_["train_loss"] + model.history_["valid_loss"]).encode()
            weights = b"".join(w.numpy().tobytes() for w in model.module_.state_dict().values())
            (folder / "result").write_bytes(losses + weights)
