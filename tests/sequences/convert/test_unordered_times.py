"""A table whose rows are not in the order of its times is warned of, if no column of times was named."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars
import pyarrow as pa
import pytest

from seqclf import SeqclfWarning, as_sequences, from_long
from seqclf.sequences import from_long_batches

DAYS = pd.to_datetime(["2026-01-01", "2026-01-03", "2026-01-02", "2026-01-05", "2026-01-04"])
TABLE = pd.DataFrame({"id": [1, 1, 1, 2, 2], "day": DAYS, "x": np.arange(5.0)})
SORTED = TABLE.sort_values(["id", "day"], ignore_index=True)
GOES_BACK = (
    r"order of the rows, but column 'day' goes back from 2026-01-03 to 2026-01-02 for id 1 \(row 2\)\. "
    r"Pass `time='day'`; if the order of the rows is right, drop the column\."
)


@pytest.mark.parametrize(
    "convert", [pd.DataFrame, polars.from_pandas, pa.Table.from_pandas], ids=lambda one: one.__name__
)
@pytest.mark.parametrize("values", [None, "x"])
def test_rows_in_another_order_than_their_times_are_named(convert: Any, values: Any) -> None:
    with pytest.warns(SeqclfWarning) as found:
        from_long(convert(TABLE), id="id", values=values)
    texts = [str(one.message) for one in found]
    (text,) = [text for text in texts if "goes back" in text]
    assert re.search("goes back from 2026-01-03.* to 2026-01-02.* for id 1", text)
    assert {one.filename for one in found} == {__file__}


def test_the_message_says_what_to_pass() -> None:
    with pytest.warns(SeqclfWarning, match=GOES_BACK):
        from_long(TABLE, id="id", values="x")
    with pytest.warns(SeqclfWarning, match="'time' goes back from 3 to 2 for id 1"):
        from_long(
            TABLE.assign(day=[1, 3, 2, 5, 6]).rename(columns={"day": "time"}), id="id", values=["x", "time"]
        )
    with pytest.warns(SeqclfWarning, match=GOES_BACK) as found:
        list(from_long_batches([TABLE], id="id", values="x"))
    assert [one.filename for one in found] == [__file__]


@pytest.mark.parametrize(
    ("table", "options"),
    {
        "named": (TABLE, {"time": "day"}),
        "in order": (SORTED, {}),
        "times that start again": (SORTED.assign(day=[1, 2, 3, 1, 2]).rename(columns={"day": "t"}), {}),
        "ids that alternate": (SORTED.sort_values("day"), {}),
        "in order, some at once": (SORTED.assign(day=[1, 1, 2, 3, 3]).rename(columns={"day": "t"}), {}),
        "another column ordered the rows": (SORTED.assign(end=DAYS), {}),
        "a role": (TABLE, {"target": "day"}),
        "of the whole sequence": (TABLE.assign(day=DAYS[[1, 1, 1, 0, 0]]), {}),
        "missing": (TABLE.assign(day=[pd.NaT] * 5), {}),
        "text": (TABLE.assign(day=list("acbed")).rename(columns={"day": "date"}), {}),
        "numbers of another name": (
            TABLE.assign(day=[1, 3, 2, 5, 4]).rename(columns={"day": "temperature"}),
            {},
        ),
    }.values(),
)
def test_what_is_in_order_or_unknown_is_left_alone(table: pd.DataFrame, options: dict[str, Any]) -> None:
    if "target" in options:
        table = table.assign(day=table["id"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        from_long(table, id="id", values="x", **options)


def test_groups_are_read_in_the_order_of_the_table() -> None:
    message = r"'day' goes back from 2026-01-03 to 2026-01-02 for group 1 \(row 2\)\. Sort the table before you group it, `frame\.sort_values\('day'\)`"
    with pytest.warns(SeqclfWarning, match=message) as found:
        as_sequences(TABLE.groupby("id")[["x"]])
    assert [one.filename for one in found] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        as_sequences(SORTED.groupby("id")[["x"]])
        as_sequences(TABLE.sort_values("day").groupby("id")["x"])
        as_sequences(TABLE["x"].groupby(TABLE["id"]))
