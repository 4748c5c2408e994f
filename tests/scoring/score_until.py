"""Score a folder, and stop within the n-th file: before it is complete, or just before it takes its place."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import joblib
import pyarrow.parquet as pq

from seqclf import score_table


def stop_at(owner: Any, name: str, number: int) -> None:
    """Let the n-th call of a function report itself and never return."""
    function, calls = getattr(owner, name), [0]

    def counting(*arguments: Any, **keywords: Any) -> Any:
        calls[0] += 1
        if calls[0] == number:
            sys.stdout.write("stopped\n")
            sys.stdout.flush()
            time.sleep(3600)
        return function(*arguments, **keywords)

    setattr(owner, name, counting)


if __name__ == "__main__":
    model, source, destination, where, number = sys.argv[1:]
    stop_at(*{"write": (pq.ParquetWriter, "write_table"), "fsync": (os, "fsync")}[where], int(number))
    score_table(
        joblib.load(model),
        source,
        destination,
        column="values",
        id=["patient", "beat"],
        rows_per_file=20,
        n_jobs=1,
    )
