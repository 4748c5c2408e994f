"""The time of a long table as a feature: numbers as they are, datetimes by the code that the error gives."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from seqclf import InvalidSequenceError, from_long

START = pd.Timestamp("2026-03-01 08:00")
SECONDS = [30.0, 0.5, 0.0, 90.0, 60.0]
LOG = pd.DataFrame({"id": [8, 3, 3, 8, 8], "amount": [5.0, 2.0, 1.0, 7.0, 6.0], "t": SECONDS})
LOG["when"] = START + pd.to_timedelta(LOG["t"], unit="s")
LOG["local"] = LOG["when"].dt.tz_localize("Europe/Berlin")
LOG["elapsed"] = pd.to_timedelta(LOG["t"], unit="s")


def arrow(frame: pd.DataFrame) -> Any:
    return pa.Table.from_pandas(frame, preserve_index=False)


LIBRARIES = [pd.DataFrame, pl.from_pandas, arrow]


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_numeric_time_may_be_a_feature(library: Any) -> None:
    table = from_long(library(LOG), id="id", time="t", values=["amount", "t"])
    assert table.columns == ("amount", "t")
    assert [steps.tolist() for steps in table.sequences] == [
        [[1, 0], [2, 0.5]],
        [[5, 30], [6, 60], [7, 90]],
    ]
    with pytest.raises(ValueError, match="one role; got 't' in `values` and in `values`"):
        from_long(library(LOG), id="id", time="t", values=["t", "t"])


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    ("column", "advice", "expected"),
    [
        ("when", "Name a column of the seconds since the first step of each id instead", [0, 0.5, 0, 30, 60]),
        (
            "local",
            "Name a column of the seconds since the first step of each id instead",
            [0, 0.5, 0, 30, 60],
        ),
        ("elapsed", "Name a column of the seconds instead", [0, 0.5, 30, 60, 90]),
    ],
)
def test_the_code_in_the_error_makes_a_feature_of_datetimes(
    library: Any, column: str, advice: str, expected: list[float]
) -> None:
    frame = library(LOG[["id", "amount", column]])
    with pytest.raises(
        InvalidSequenceError, match=f"Every value must be a number; got .* {advice}: `"
    ) as caught:
        from_long(frame, id="id", time=column, values=["amount", column])
    code = re.search(r"instead: `(.*)`\.$", str(caught.value))
    assert code is not None
    names: dict[str, Any] = {"frame": frame, "pl": pl}
    exec(code[1], names)
    table = from_long(names["frame"], id="id", time=column, values=["amount", "seconds"])
    assert table.sequences.values[:, 1].tolist() == expected


def test_days_as_objects_are_named_as_times() -> None:
    days = [None, *(datetime.date(2026, 3, day) for day in (1, 2, 3, 4))]
    with pytest.raises(InvalidSequenceError, match="Name a column of the seconds since the first step"):
        from_long(LOG.assign(day=days), id="id", values=["day"])
    with pytest.raises(InvalidSequenceError, match="Encode it as numbers, or name the column in `tokens`"):
        from_long(LOG.assign(day=[None, "Mon", "Tue", "Wed", "Thu"]), id="id", values=["day"])


def test_rows_of_one_time_are_read_in_their_order_without_time() -> None:
    events = pd.DataFrame({"id": [2, 1, 1, 1], "t": [0, 5, 3, 5], "x": [9.0, 2.0, 1.0, 3.0]})
    with pytest.raises(
        InvalidSequenceError,
        match=re.escape(
            "A time must occur once per id; got 5 twice for id 1 (rows 1 and 3). Drop or average such rows, or name the right `id`. If "
            "their order is known, sort the table by id and time (a stable sort keeps it), and leave out `time`: the steps of an id are "
            "then in the order of the rows."
        ),
    ):
        from_long(events, id="id", time="t", values="x")
    in_order = events.sort_values(["id", "t"], kind="stable")
    assert from_long(in_order, id="id", values="x").sequences.values.flatten().tolist() == [1, 2, 3, 9]
