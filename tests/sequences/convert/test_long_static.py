"""A column that is constant within each id becomes a static feature."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from seqclf import InvalidSequenceError, Sequences, from_long, from_long_batches

VISITS = pd.DataFrame(
    {
        "patient": [7, 3, 3, 7, 7],
        "hour": [0, 2, 1, 2, 1],
        "pulse": [50.0, 20.0, 10.0, 70.0, 60.0],
        "age": [61, 34, 34, 61, 61],
        "smokes": [True, False, False, True, True],
    }
)
LIBRARIES = [pd.DataFrame, pl.from_pandas, lambda frame: pa.Table.from_pandas(frame, preserve_index=False)]


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_tiny_case_by_hand(library: Any) -> None:
    table = from_long(library(VISITS), id="patient", time="hour", static=["age", "smokes"])
    assert table.columns == ("pulse",)
    assert [steps.flatten().tolist() for steps in table.sequences] == [[10, 20], [50, 60, 70]]
    assert table.sequences.static is not None
    assert table.sequences.static.tolist() == [[34, 0], [61, 1]]
    one = from_long(library(VISITS), id="patient", values="pulse", static="age").sequences.static
    assert one is not None
    assert one.tolist() == [[34], [61]]


def test_batches_give_the_static_features_of_the_whole_table() -> None:
    frame = VISITS.sort_values(["patient", "hour"])
    options: dict[str, Any] = {
        "id": "patient",
        "time": "hour",
        "values": "pulse",
        "static": ["smokes", "age"],
    }
    batches = [frame[:1], frame[1:4], frame[4:]]
    tables = [table.sequences for table in from_long_batches(batches, **options)]
    assert Sequences.concatenate(tables) == from_long(VISITS, **options).sequences
    varies = [frame[:4], frame[4:].assign(age=62)]
    with pytest.raises(InvalidSequenceError, match=r"got 61 and 62 in column 'age' for id 7 \(row 4\)"):
        list(from_long_batches(varies, **options))


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    ("age", "message"),
    [
        (
            [61, 34, 35, 61, 61],
            "A static feature must be the same in all rows of an id; got 34 and 35 in column 'age' for id 3 (row 2). Name the column in "
            "`values` instead of `static`, or compute one value for each id.",
        ),
        (
            [61.0, 34.0, np.nan, 61.0, 61.0],
            "Every row must have the static features of its id; got a missing value in column 'age' for id 3 (row 2). Fill it in;",
        ),
        (
            list("baabb"),
            "Every static feature must be a number; got 'b' in column 'age' for id 7 (row 0). Encode it as numbers, for example with "
            "`pandas.get_dummies(frame, columns=['age'])`.",
        ),
        (
            [1e39, 1.0, 1.0, 1e39, 1e39],
            "Every static feature must be finite and fit float32 (at most 3.4e38); got 1e+39 in column 'age' for id 7 (row 0). Correct",
        ),
        (
            [1.0, np.inf, np.inf, 1.0, 1.0],
            "must be finite and fit float32 (at most 3.4e38); got inf in column 'age' for id 3 (row 1).",
        ),
        (
            [1_700_000_001, 1_700_000_000, 1_700_000_000, 1_700_000_001, 1_700_000_001],
            "Distinct static features must stay distinct in float32, which has 7 digits; got 1700000000 (id 3 (row 1)) and 1700000001 "
            "(id 7 (row 0)) in column 'age', which become equal. Subtract an offset that all values share.",
        ),
    ],
)
def test_errors_name_the_column_and_the_id(age: list[Any], message: str, library: Any) -> None:
    frame = library(VISITS.assign(age=age))
    with pytest.raises(InvalidSequenceError) as caught:
        from_long(frame, id="patient", values="pulse", static=["smokes", "age"])
    assert message in re.sub(r"np\.\w+\((.*?)\)", r"\1", str(caught.value))


def test_missing_static_features_are_refused_where_missing_values_are_kept() -> None:
    frame = VISITS.assign(age=np.nan, pulse=np.nan)
    with pytest.raises(InvalidSequenceError, match="a missing value in column 'age' for id 7"):
        from_long(frame, id="patient", values="pulse", static="age", missing="keep")


def test_a_column_is_static_or_something_else() -> None:
    for role in ("id", "time", "values", "target"):
        options: dict[str, Any] = {"id": "patient", role: "age"}
        with pytest.raises(ValueError, match=f"one role; got 'age' in `{role}` and in `static`"):
            from_long(VISITS, static="age", **options)
    with pytest.raises(ValueError, match="`static` must name a column; got 'Age', which is not in the table"):
        from_long(VISITS, id="patient", static=["Age"])
