"""Small models, and Parquet files of beats to score."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from seqclf import GRUClassifier


def small(**parameters: Any) -> Any:
    return GRUClassifier(
        **{"hidden_size": 4, "num_layers": 1, "max_epochs": 1, "random_state": 0, **parameters}
    )


@cache
def model(seed: int = 0) -> Any:
    rng = np.random.default_rng(0)
    X = [rng.normal(size=n) for n in rng.integers(3, 9, size=40)]
    return small(random_state=seed).fit(X, ["N", "V"] * 20)


def beats(n: int, *, seed: int = 1) -> Any:
    """Return a table of beats; the n-th has some steps of float32."""
    rng = np.random.default_rng(seed)
    lists = [rng.normal(size=length).astype(np.float32) for length in rng.integers(2, 20, size=n)]
    return pa.table(
        {
            "patient": [f"p{i % 7}" for i in range(n)],
            "beat": np.arange(n) * 3,
            "values": pa.array(lists, pa.list_(pa.float32())),
        }
    )


def write_folder(folder: Path) -> Any:
    """Write files of several row groups, one of them empty; return their rows in order."""
    table = beats(90)
    for name, start, stop in (("a", 0, 50), ("b/c", 50, 50), ("b/d", 50, 90)):
        path = folder / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table.slice(start, stop - start), path, row_group_size=10)
    (folder / "_SUCCESS").touch()
    (folder / ".a.crc.parquet").write_text("not a table")
    return table


def with_rows(lists: list[Any], kind: Any = None) -> Any:
    """Return a table of these lists."""
    return pa.table({"values": pa.array(lists, kind or pa.list_(pa.float64()))})
