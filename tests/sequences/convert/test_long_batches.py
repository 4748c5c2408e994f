"""A long table in batches of rows gives the sequences of the whole table, each once it is complete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqclf import InvalidSequenceError, SeqclfWarning, Sequences
from seqclf.sequences import LongTable, SequenceWriter, from_long, from_long_batches, open_sequences


def as_is(frame: pd.DataFrame) -> Any:
    return frame


def arrow(frame: pd.DataFrame) -> Any:
    return pa.Table.from_pandas(frame, preserve_index=False)


def record_batch(frame: pd.DataFrame) -> Any:
    return pa.RecordBatch.from_pandas(frame, preserve_index=False)


def polars(frame: pd.DataFrame) -> Any:
    return pl.DataFrame({str(name): frame[name].to_numpy() for name in frame})


LIBRARIES = [as_is, arrow, record_batch, polars]

BEATS = pd.DataFrame(
    {
        "beat": [3, 3, 5, 7, 7, 7],
        "a": [2.0, 1.0, 9.0, 5.0, 7.0, 6.0],
        "time": [0.2, 0.1, 0.0, 0.0, 0.2, 0.1],
        "label": ["N", "N", "V", "V", "V", "V"],
    }
)


def pieces(frame: pd.DataFrame, *stops: int) -> Iterator[pd.DataFrame]:
    for start, stop in zip((0, *stops), (*stops, len(frame)), strict=True):
        yield frame.iloc[start:stop]


def joined(tables: list[LongTable]) -> tuple[Sequences, list[Any], list[Any] | None]:
    labels = [
        label for table in tables if table.labels is not None for label in np.asarray(table.labels).tolist()
    ]
    ids = [one for table in tables for one in table.ids.tolist()]
    return Sequences.concatenate([table.sequences for table in tables]), ids, labels or None


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_tiny_case_by_hand(library: Any) -> None:
    batches = [library(piece) for piece in pieces(BEATS, 1, 1, 4)]
    tables = list(from_long_batches(batches, id="beat", time="time", target="label"))
    assert [table.ids.tolist() for table in tables] == [[3, 5], [7]]
    assert [[steps.flatten().tolist() for steps in table.sequences] for table in tables] == [
        [[1, 2], [9]],
        [[5, 6, 7]],
    ]
    assert [None if table.labels is None else table.labels.tolist() for table in tables] == [
        ["N", "V"],
        ["V"],
    ]
    assert tables[0].columns == ("a",)


@st.composite
def batched(draw: st.DrawFn) -> tuple[pd.DataFrame, list[int]]:
    lengths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=6))
    ids: list[Any] = sorted(draw(st.sets(st.integers(-99, 99), min_size=len(lengths), max_size=len(lengths))))
    if draw(st.booleans()):
        ids = sorted(map(str, ids))
    n_rows = sum(lengths)
    rng = np.random.default_rng(n_rows)
    times = np.concatenate([rng.permutation(length) for length in lengths])
    frame = pd.DataFrame(
        {
            "id": np.repeat(np.array(ids), lengths),
            "time": times,
            "a": rng.normal(size=n_rows).astype(np.float32),
            "activity": rng.choice(["pay", "register", "new"], size=n_rows),
            "b": rng.integers(0, 9, size=n_rows),
            "label": np.repeat(rng.choice(["N", "V"], size=len(lengths)), lengths),
        }
    )
    return frame, sorted(draw(st.lists(st.integers(0, n_rows), max_size=7)))


@settings(deadline=None, max_examples=40)
@given(batched(), st.sampled_from(LIBRARIES))
def test_any_batches_give_the_sequences_of_the_whole_table(
    table: tuple[pd.DataFrame, list[int]], library: Any
) -> None:
    frame, stops = table
    options: dict[str, Any] = {
        "id": "id",
        "time": "time",
        "values": ["b", "a"],
        "tokens": {"activity": ["pay", "register"]},
        "target": "label",
    }
    expected = from_long(frame, **options)
    batches = [library(piece) for piece in pieces(frame, *stops)]
    assert joined(list(from_long_batches(iter(batches), **options))) == joined([expected])


@pytest.mark.filterwarnings("ignore:The steps of a sequence are in the order of the rows")
def test_a_sequence_is_kept_until_the_next_one_starts() -> None:
    read = []

    def batches() -> Iterator[Any]:
        for piece in pieces(BEATS, 1, 2, 3):
            read.append(len(piece))
            yield piece

    first = next(from_long_batches(batches(), id="beat", values="a"))
    assert first.ids.tolist() == [3]
    assert read == [1, 1, 1]


def test_columns_are_chosen_and_warned_of_once() -> None:
    batches = pieces(BEATS, 3)
    with pytest.warns(SeqclfWarning) as warned:
        tables = list(from_long_batches(batches, id="beat"))
    assert [table.columns for table in tables] == [("a", "time")] * 3
    left_out, goes_back = (str(one.message) for one in warned)
    assert "left out: ['label']" in left_out
    assert "'time' goes back from" in goes_back
    assert [str(one.filename) for one in warned] == [__file__] * 2


def test_types_may_differ_if_one_can_hold_both() -> None:
    for library in (as_is, arrow, polars):
        batches = [
            library(BEATS[["beat", "a"]][:1].astype({"a": "int64"})),
            library(BEATS[["beat", "a"]][1:]),
        ]
        assert (
            joined(list(from_long_batches(batches, id="beat")))[0]
            == from_long(BEATS[["beat", "a"]], id="beat").sequences
        )


BAD: dict[str, tuple[list[Any], str]] = {
    "an id that comes again": (
        [pd.DataFrame({"beat": [1, 2, 2], "a": 0.0}), pd.DataFrame({"beat": [3, 2], "a": 0.0})],
        "The rows of an id must be together, and ids must ascend, so that a sequence is complete when the next one starts; got id 2 "
        "after id 3 (row 4). Sort the table by 'beat'.",
    ),
    "between batches": (
        [pd.DataFrame({"beat": ["x", "y"], "a": 0.0}), pd.DataFrame({"beat": ["x"], "a": 0.0})],
        "got id x after id y (row 2). Sort the table by 'beat'.",
    ),
    "columns": (
        [BEATS[["beat", "a"]], BEATS[["a", "beat"]]],
        "All batches must have the same columns in the same order; got ['beat', 'a'] and, in batch 1, ['a', 'beat']. Select them by name.",
    ),
    "types in Arrow": (
        [pa.table({"beat": [1], "a": [1.0]}), pa.table({"beat": [1], "a": ["x"]})],
        "A column must have one type in all batches; got: ",
    ),
    "types in polars": (
        [pl.DataFrame({"beat": [1], "a": [1.0]}), pl.DataFrame({"beat": [1], "a": [[1]]})],
        "A column must have one type in all batches; got: ",
    ),
    "a label that changes": (
        list(pieces(BEATS.assign(label=list("NNVVVN")), 1, 5)),
        "The label must be the same in all rows of an id; got V and N for id 7 (row 5).",
    ),
    "a time that comes twice": (
        list(pieces(BEATS.assign(time=[0, 1, 0, 0, 1, 1]), 3, 5)),
        "A time must occur once per id; got 1 twice for id 7 (rows 4 and 5).",
    ),
    "a value": (
        list(pieces(BEATS.assign(a=[1, 2, 3, 4, np.inf, 6]), 4, 5)),
        "Every value must be finite; got inf in column 'a' for id 7 (row 4).",
    ),
    "a value between others": (
        list(pieces(BEATS.assign(a=[1, 2, np.nan, 4, 5, 6]), 2, 3, 4)),
        "Every value must be finite; got nan in column 'a' for id 5 (row 2).",
    ),
    "an id": (
        list(pieces(BEATS.assign(beat=[3.0, 3, 5, 7, np.nan, 7]), 2)),
        "Every row must have an id; got a missing value in column 'beat', row 4.",
    ),
    "no rows": ([BEATS[:0]], "got a table without rows."),
    "nothing": ([], "got a table without rows."),
}


@pytest.mark.filterwarnings("ignore:The steps of a sequence are in the order of the rows")
@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_named_by_its_row_in_the_table(name: str) -> None:
    batches, message = BAD[name]
    options: dict[str, Any] = {"id": "beat", "values": "a"}
    if name in ("a label that changes", "a time that comes twice"):
        options |= {"time": "time", "target": "label"}
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        list(from_long_batches(batches, **options))


@pytest.mark.filterwarnings("ignore:The steps of a sequence are in the order of the rows")
def test_wrong_arguments_are_refused_at_once() -> None:
    with pytest.raises(
        TypeError,
        match=r"`batches` must be an iterable of tables; got DataFrame\. Pass one table to `from_long`",
    ):
        from_long_batches(BEATS, id="beat")
    with pytest.raises(TypeError, match=r"got InMemoryDataset. .*pass `dataset.to_batches\(\)`"):
        from_long_batches(ds.dataset(arrow(BEATS)), id="beat")
    for tokens in ("label", {"label": "auto"}):
        with pytest.raises(
            ValueError, match=r"because no batch holds all tokens; got \"auto\" for 'label'\. Pass `tokens="
        ):
            from_long_batches([BEATS], id="beat", tokens=tokens)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`dtype` must be one of"):
        from_long_batches([BEATS], id="beat", dtype="float16")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`id` must name a column; got 'x', which is not in the table"):
        list(from_long_batches([BEATS], id="x"))
    with pytest.raises(
        TypeError, match="`frame` must be a DataFrame of pandas or polars, or an Arrow table; got list"
    ):
        list(from_long_batches([[1, 2]], id="x"))
    with pytest.raises(TypeError, match=r"one library; got DataFrame and, as batch 1, Table\. Convert"):
        list(from_long_batches([BEATS, arrow(BEATS)], id="beat", values="a"))


def test_long_tables_on_disk_become_a_file_of_sequences(tmp_path: Path) -> None:
    pq.write_table(arrow(BEATS), tmp_path / "beats.parquet", row_group_size=2)
    batches = ds.dataset(tmp_path / "beats.parquet").to_batches(batch_size=1)
    labels: list[str] = []
    with SequenceWriter(tmp_path / "beats.safetensors") as writer:
        for table in from_long_batches(batches, id="beat", time="time", target="label"):
            writer.append(table.sequences)
            labels.extend(table.labels if table.labels is not None else ())
    expected = from_long(BEATS, id="beat", time="time", target="label")
    assert open_sequences(tmp_path / "beats.safetensors") == expected.sequences
    assert labels == ["N", "V", "V"]
