"""A table with one row per step becomes one sequence per id."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqclf import SeqclfWarning
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import as_sequences, from_long


def arrow(frame: pd.DataFrame) -> Any:
    return pa.table({str(name): frame[name].to_numpy() for name in frame})


def polars(frame: pd.DataFrame) -> Any:
    return pl.DataFrame({name: frame[name].to_numpy() for name in frame})


LIBRARIES = [pd.DataFrame, arrow, polars]

BEATS = pd.DataFrame(
    {
        "beat": [7, 3, 3, 7, 7],
        "a": [5.0, 2.0, 1.0, 7.0, 6.0],
        "time": [0.0, 0.2, 0.1, 0.2, 0.1],
        "b": [50, 20, 10, 70, 60],
        "label": ["V", "N", "N", "V", "V"],
    }
)


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_tiny_case_by_hand(library: Any) -> None:
    table = from_long(library(BEATS), id="beat", time="time", target="label")
    assert [steps.tolist() for steps in table.sequences] == [[[1, 10], [2, 20]], [[5, 50], [6, 60], [7, 70]]]
    assert table.labels is not None
    assert (table.ids.tolist(), table.labels.tolist(), table.columns) == ([3, 7], ["N", "V"], ("a", "b"))


@pytest.mark.filterwarnings("ignore:The steps of a sequence are in the order of the rows")
@pytest.mark.parametrize("library", LIBRARIES)
def test_without_time_steps_keep_the_order_of_the_rows(library: Any) -> None:
    table = from_long(library(BEATS), id="beat", values=["b"])
    assert [steps.flatten().tolist() for steps in table.sequences] == [[20, 10], [50, 70, 60]]
    assert table.labels is None
    assert from_long(library(BEATS), id="beat", values=("b", "a")).columns == ("b", "a")
    assert from_long(library(BEATS), id="beat", values="b").sequences == table.sequences


@st.composite
def long_frames(draw: st.DrawFn) -> pd.DataFrame:
    id_values: list[Any] = draw(
        st.sampled_from([[-128, 0, 127], ["b", "a", "ab"], [0.5, -1.0, 2.0], [10**15, 5, -(10**15)]])
    )
    time_values: list[Any] = draw(
        st.sampled_from([[-128, -1, 0, 3, 127], [-1e9, 0.0, 0.1, 1e-9, 5.0], [-(2**62), 0, 1, 2, 2**62]])
    )
    pairs = [(i, t) for i in id_values for t in time_values]
    rows = draw(st.lists(st.sampled_from(pairs), unique=True, min_size=1))
    frame = pd.DataFrame(rows, columns=["id", "t"])
    if 127 in id_values:
        frame = frame.astype({"id": np.int8})
    if 127 in time_values:
        frame = frame.astype({"t": draw(st.sampled_from([np.int8, np.int64, "M8[ns]", "m8[ns]"]))})
    frame["x"] = np.arange(len(frame), dtype=float)
    return frame


@pytest.mark.filterwarnings("ignore:The steps of a sequence are in the order of the rows")
@pytest.mark.parametrize("library", LIBRARIES)
def test_sequences_equal_those_of_a_loop_over_the_ids(library: Any) -> None:
    @settings(deadline=None)
    @given(long_frames())
    def check(frame: pd.DataFrame) -> None:
        table = from_long(library(frame), id="id", time="t", values="x")
        expected = {
            i: frame[frame["id"] == i].sort_values("t")["x"].tolist() for i in sorted(set(frame["id"]))
        }
        assert table.ids.tolist() == list(expected)
        assert [steps.flatten().tolist() for steps in table.sequences] == list(expected.values())
        unordered = from_long(library(frame), id="id", values="x")
        rows = {i: frame[frame["id"] == i]["x"].tolist() for i in expected}
        assert [steps.flatten().tolist() for steps in unordered.sequences] == list(rows.values())

    check()


def test_the_order_of_the_rows_does_not_matter() -> None:
    expected = from_long(BEATS, id="beat", time="time", target="label")
    for seed in range(5):
        table = from_long(BEATS.sample(frac=1, random_state=seed), id="beat", time="time", target="label")
        assert table.sequences == expected.sequences
        assert table.labels is not None
        assert table.labels.tolist() == ["N", "V"]


def test_the_frame_is_not_changed() -> None:
    frame = BEATS.sort_values(["beat", "time"])
    before = frame.copy()
    from_long(frame, id="beat", time="time", target="label").sequences.values[:] = 0
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("column", "ids"),
    [
        (pd.Categorical(["z", "a", "z", "z", "z"], categories=["z", "a", "unused"]), ["z", "a"]),
        (pd.array([2, 1, 2, 2, 2], dtype="Int64"), [1, 2]),
        (pd.to_datetime(["2020-02-01", "2020-01-01"] + ["2020-02-01"] * 3), None),
    ],
)
def test_ids_of_any_sortable_type_are_accepted(column: Any, ids: Any) -> None:
    table = from_long(pd.DataFrame({"id": column, "x": range(5)}), id="id")
    assert sorted(table.sequences.lengths.tolist()) == [1, 4]
    assert ids is None or table.ids.tolist() == ids


@pytest.mark.parametrize(
    "time",
    [
        pd.to_datetime(["2020-01-02", "2020-01-01"]),
        pd.to_datetime(["2020-01-02", "2020-01-01"]).tz_localize("Europe/Berlin"),
        pd.to_timedelta([2, 1], unit="s"),
        pd.array([2, 1], dtype="Int64"),
        np.array([2, 1], dtype=object),
    ],
)
def test_times_of_any_sortable_type_are_accepted(time: Any) -> None:
    frame = pd.DataFrame({"id": [1, 1], "t": time, "x": [1.0, 2.0]})
    assert from_long(frame, id="id", time="t").sequences.values.tolist() == [[2.0], [1.0]]


def test_columns_that_are_not_numeric_are_left_out_with_a_warning() -> None:
    frame = BEATS.assign(flag=[True, False, True, False, True], some=[1, 2, 3, 4, None])
    frame["some"] = frame["some"].astype(object).fillna(0)
    with pytest.warns(
        SeqclfWarning, match=r"do not hold numbers are left out: \['label'\]\. .* `values=\['a'"
    ) as caught:
        table = from_long(frame, id="beat", time="time")
    assert caught[0].filename == __file__
    assert table.columns == ("a", "b", "flag", "some")


def frame_of(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {"id": [3, 3, 8, 8], "t": [0, 1, 0, 1], "x": [1.0, 2, 3, 4], "y": list("NNVV"), **columns}
    )


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    ("columns", "arguments", "message"),
    [
        (
            {"id": [3, 3, np.nan, 8]},
            {},
            "Every row must have an id; got a missing value in column 'id', row 2. Drop",
        ),
        (
            {"t": [0, 1, 0, np.nan]},
            {},
            "Every row must have a time; got a missing value in column 't' for id 8 (row 3). Drop such rows",
        ),
        (
            {"t": [0, 1, 5, 5]},
            {},
            "A time must occur once per id; got 5 twice for id 8 (rows 2 and 3). Drop or",
        ),
        ({"t": [1, 1, 5, 0]}, {}, "got 1 twice for id 3 (rows 0 and 1)"),
        (
            {"x": [1, 2, 3, np.nan]},
            {},
            "Every value must be finite; got nan in column 'x' for id 8 (row 3). Fill it in, or drop the row.",
        ),
        ({"x": [1, -np.inf, 3, 4], "t": [1, 0, 1, 0]}, {}, "got -inf in column 'x' for id 3 (row 1)."),
        (
            {"x": [1, 2, 1e39, 4]},
            {},
            "must fit float32 (at most 3.4e38); got 1e+39 in column 'x' for id 8 (row 2).",
        ),
        (
            {"y": list("NNVN")},
            {},
            "The label must be the same in all rows of an id; got V and N for id 8 (row 3).",
        ),
        ({"y": [0.0, 0.0, np.nan, 1.0]}, {}, "a label; got a missing value in column 'y' for id 8 (row 2)."),
        (
            {"note": ["1.5", "b", "c", "d"]},
            {"values": ["x", "note"]},
            "Every value must be a number; got '1.5' in column 'note' for id 3 (row 0). Encode it as numbers, or",
        ),
        ({"t": list("abcd")}, {}, "Column 't' must hold numbers or datetimes to order the steps; got dtype"),
    ],
)
def test_errors_name_the_id(columns: Any, arguments: Any, message: str, library: Any) -> None:
    frame = library(frame_of(**columns))
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        from_long(frame, id="id", time="t", target="y", **{"values": "x", **arguments})


def test_missing_objects_are_named() -> None:
    missing = frame_of(y=["N", "N", None, "V"], t=pd.array([0, 1, 0, None], dtype="Int64"))
    with pytest.raises(InvalidSequenceError, match=r"a missing value in column 'y' for id 8 \(row 2\)"):
        from_long(missing, id="id", target="y", values="x")
    with pytest.raises(InvalidSequenceError, match=r"a missing value in column 't' for id 8 \(row 3\)"):
        from_long(missing, id="id", time="t", values="x")
    mixed = frame_of(x=np.array([1, 2, "c", 4], dtype=object))
    with pytest.raises(InvalidSequenceError, match=r"got 'c' in column 'x' for id 8 \(row 2\)"):
        from_long(mixed, id="id", values="x")


def test_a_table_without_rows_or_numbers_is_rejected() -> None:
    with pytest.raises(InvalidSequenceError, match=r"0 sample\(s\).* got a table without rows"):
        from_long(BEATS[:0], id="beat")
    with pytest.raises(InvalidSequenceError, match=r"a numeric column besides .* got \['label'\]"):
        from_long(BEATS[["beat", "label"]], id="beat")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"id": "Beat"},
            "`id` must name a column; got 'Beat', which is not in the table. The columns are ['beat'",
        ),
        ({"id": None}, "`id` must name a column; got None"),
        ({"id": "beat", "time": "when"}, "`time` must name a column; got 'when'"),
        ({"id": "beat", "values": ["a", "c"]}, "`values` must name a column; got 'c'"),
        ({"id": "beat", "target": "beat"}, "one role; got 'beat' in `id` and in `target`. Remove it"),
        ({"id": "beat", "values": ["a", "a"]}, "one role; got 'a' in `values` and in `values`."),
        ({"id": "beat", "values": []}, "`values` must name at least one column; got none. Pass None"),
    ],
)
def test_invalid_column_names_are_named(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        from_long(BEATS, **arguments)


def test_other_unusable_tables_are_named() -> None:
    with pytest.raises(ValueError, match=r"`values` must name one column; 2 are named 'a'\. Rename one"):
        from_long(pd.concat([BEATS, BEATS[["a"]]], axis=1), id="beat", values="a")
    with pytest.raises(ValueError, match=r"which is a level of the index\. Pass `frame\.reset_index\(\)`"):
        from_long(BEATS.set_index(["beat", "time"]), id="beat")
    with pytest.raises(TypeError, match=r"`frame` must be a DataFrame of pandas or polars, .* got ndarray"):
        from_long(np.ones((2, 3)), id=0)
    mixed = pd.DataFrame({"beat": [1, "b", (2,)], "a": [1.0, 2.0, 3.0]})
    with pytest.raises(TypeError, match="The ids in column 'beat' must have one type to be sorted; '<' not"):
        from_long(mixed, id="beat")


def test_static_features_and_lists_of_the_same_data_agree() -> None:
    table = from_long(BEATS, id="beat", time="time", values=["a", "b"])
    assert table.sequences == as_sequences([[[1, 10], [2, 20]], [[5, 50], [6, 60], [7, 70]]])
