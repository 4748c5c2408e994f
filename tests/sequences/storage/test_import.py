"""Lists in Parquet and Arrow files are written as sequences, batch by batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from seqclf import InvalidSequenceError, Sequences, as_sequences
from seqclf.sequences import SequenceWriter, open_sequences

LISTS = [[1.0, 2.0], [3.0], [4.0, 5.0, 6.0], [7.0], [8.0, 9.0]]


def imported(folder: Path, target: Path, **options: Any) -> Sequences:
    with SequenceWriter(target) as writer:
        for batch in ds.dataset(folder).to_batches(columns=["values"], **options):
            writer.append(batch["values"])
    return open_sequences(target)


@pytest.mark.parametrize("kind", [pa.list_(pa.float32()), pa.large_list(pa.float64()), pa.list_(pa.int16())])
def test_a_folder_of_parquet_files(tmp_path: Path, kind: Any) -> None:
    folder = tmp_path / "beats"
    folder.mkdir()
    for i, rows in enumerate((LISTS[:3], [], LISTS[3:])):
        pq.write_table(
            pa.table({"values": pa.array(rows, kind), "other": range(len(rows))}),
            folder / f"{i}.parquet",
            row_group_size=2,
        )
    assert imported(folder, tmp_path / "x") == as_sequences(LISTS)


def test_batches_that_a_filter_empties_write_nothing(tmp_path: Path) -> None:
    pq.write_table(pa.table({"values": LISTS, "n": range(5)}), tmp_path / "x.parquet", row_group_size=1)
    kept = imported(tmp_path / "x.parquet", tmp_path / "x", filter=pc.field("n").isin([0, 4]))
    assert kept == as_sequences([LISTS[0], LISTS[4]])
    with pytest.raises(InvalidSequenceError, match="A file must hold at least one sequence; got none"):
        imported(tmp_path / "x.parquet", tmp_path / "y", filter=pc.field("n") > 9)


def test_fixed_sizes_chunks_and_steps_with_features(tmp_path: Path) -> None:
    values = np.arange(24, dtype=np.float32)
    fixed = pa.FixedSizeListArray.from_arrays(values, 3)
    steps = pa.ListArray.from_arrays([0, 1, 4, 8], fixed)
    chunked = pa.chunked_array([steps[:1], steps[1:1], steps[1:]])
    for name, column, expected in (
        ("fixed", fixed, list(values.reshape(8, 3))),
        ("steps", chunked, [values.reshape(8, 3)[a:b] for a, b in ((0, 1), (1, 4), (4, 8))]),
    ):
        with SequenceWriter(tmp_path / name) as writer:
            writer.append(column)
        assert open_sequences(tmp_path / name) == as_sequences(expected)
        feather.write_feather(pa.table({"values": column}), tmp_path / f"{name}.arrow", chunksize=2)
        from_ipc = SequenceWriter(tmp_path / f"{name}-ipc")
        for batch in ds.dataset(tmp_path / f"{name}.arrow", format="ipc").to_batches(columns=["values"]):
            from_ipc.append(batch["values"])
        from_ipc.close()
        assert open_sequences(tmp_path / f"{name}-ipc") == as_sequences(expected)


@pytest.mark.parametrize(("rows", "what"), [([[1.0], None], "row"), ([[1.0], [2.0, None]], "value")])
def test_nulls_are_refused_and_values_may_be_kept(tmp_path: Path, rows: list[Any], what: str) -> None:
    pq.write_table(pa.table({"values": rows}), tmp_path / "x.parquet")
    with pytest.raises(InvalidSequenceError, match=f"got a null {what} in row 1"):
        imported(tmp_path / "x.parquet", tmp_path / "x")
    if what == "value":
        with SequenceWriter(tmp_path / "x", missing="keep") as writer:
            writer.append(pa.array(rows))
        assert open_sequences(tmp_path / "x").lengths.tolist() == [1, 2]
