"""A Dask cluster of processes scores the partitions of a data frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from scoring.beats import beats, model
from seqclf.scoring import BatchScorer

# Dask needs a later pyarrow than the oldest that seqclf supports.
dd = pytest.importorskip("dask.dataframe", exc_type=ImportError)
distributed = pytest.importorskip("distributed")


@pytest.mark.filterwarnings("default")  # those of Dask and of its processes
def test_partitions_are_scored_by_another_process(tmp_path: Path) -> None:
    table = beats(40)
    for i in range(4):
        pq.write_table(table.slice(10 * i, 10), tmp_path / f"{i}.parquet")
    score = BatchScorer(model(), column="values", id="beat")
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
    ):
        frame = dd.read_parquet(tmp_path)
        result = frame.map_partitions(score, meta=score(frame.head(0))).compute()
    np.testing.assert_array_equal(result["beat"], table["beat"])
    np.testing.assert_array_equal(result["probability_V"], model().predict_proba(table["values"])[:, 1])
