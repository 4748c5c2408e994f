"""What has `n_jobs`, run where few cores may be used; notes the processes that compute, and their threads.

python counted_threads.py FOLDER [faked]
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from threadpoolctl import threadpool_info

from seqclf import GRUClassifier, SequenceEnsemble, score_table
from seqclf.training import EpochRecord
from seqclf.tuning import LogUniform, sweep

X, Y = [[0.1, 0.9], [0.9, 0.1]] * 8, ["up", "down"] * 8
MANY = 8
"""Processes that are asked for, and calls that could run at the same time."""


def note(folder: Path) -> None:
    """Note this process, and the threads that it computes on."""
    numpy_threads = [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]
    (folder / f"{os.getpid()} {max(torch.get_num_threads(), *numpy_threads)}").touch()


class Note:
    """A callback that notes its process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def on_epoch_end(self, record: EpochRecord) -> None:
        note(self.folder)


class Noting(GRUClassifier):
    """A model that notes the processes in which it predicts."""

    def predict_proba(self, X: Any, *, lengths: Any = None) -> Any:
        note(Path(os.environ["NOTES"]))
        return super().predict_proba(X, lengths=lengths)


def estimator(folder: Path) -> GRUClassifier:
    return GRUClassifier(hidden_size=2, max_epochs=1, callbacks=[Note(folder)], random_state=0)


def main() -> None:
    folders = [Path(sys.argv[1]) / name for name in ("ensemble", "sweep", "table")]
    for folder in folders:
        folder.mkdir()
    if "faked" in sys.argv:
        from joblib.externals.loky.backend import context

        context._cpu_count_cgroup = lambda cores: 1
    ensemble, swept, table = folders
    SequenceEnsemble(estimators=[estimator(ensemble)], n_members=MANY, n_jobs=MANY, random_state=0).fit(X, Y)
    SequenceEnsemble(estimators=[estimator(ensemble)], n_members=MANY, n_jobs=-1, random_state=0).fit(X, Y)
    for n_jobs in (MANY, -1):
        sweep(
            estimator(swept), {"lr": LogUniform(1e-3, 1e-1)}, X, Y, n_trials=2, n_jobs=n_jobs, random_state=0
        )
    source = Path(sys.argv[1]) / "source.parquet"
    pq.write_table(pa.table({"values": X}), source, row_group_size=2)
    os.environ["NOTES"] = str(table)
    model = Noting(hidden_size=2, max_epochs=1, random_state=0).fit(X, Y)
    score_table(model, source, Path(sys.argv[1]) / "scores", column="values", rows_per_file=2, n_jobs=MANY)
    np.savetxt(sys.stdout, [os.getpid()], fmt="%d")


if __name__ == "__main__":
    main()
