"""Data frames that are not padded arrays are recognised."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqclf import GRUClassifier, ZScore
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import as_sequences, from_long

LONG = pd.DataFrame({"case": [1, 1, 2], "time": [0, 1, 0], "x": [1.0, 2.0, 3.0]})


@pytest.mark.parametrize("select", [lambda frame: frame, lambda frame: frame["x"]])
def test_a_multiindex_is_refused_and_the_advice_works(select: Any) -> None:
    frame = select(LONG.set_index(["case", "time"]))
    message = (
        "A row of a table must be a whole sequence; got a MultiIndex of 2 levels, as of a table with one row per "
        "step. Pass `from_long(X.reset_index(), id='case', time='time').sequences`."
    )
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        as_sequences(frame)
    advised = from_long(frame.reset_index(), id="case", time="time").sequences
    assert advised == as_sequences([[1, 2], [3]])
    frame.index.names = [None, None]
    with pytest.raises(InvalidSequenceError, match="id='level_0', time='level_1'"):
        as_sequences(frame)


@pytest.mark.parametrize("name", ["id", "ID", "case_id", "Case_ID"])
def test_a_column_of_ids_is_refused(name: str) -> None:
    message = (
        f"Every column of a table must be a time step; got column {name!r}, which looks like an id. If the table has "
        f"one row per step, pass `from_long(X, id={name!r}).sequences`; if each row is a whole sequence, drop the"
    )
    frame = LONG.rename(columns={"case": name})
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        as_sequences(frame)
    assert as_sequences(frame.drop(columns=name)).lengths.tolist() == [2, 2, 2]


def test_a_frame_of_one_sequence_in_a_list_may_have_any_index() -> None:
    indexed = LONG.set_index(["case", "time"])
    assert as_sequences([group for _, group in indexed.groupby(level=0)]) == as_sequences([[1, 2], [3]])
    wide = pd.DataFrame(np.ones((2, 3)), columns=["valid", "idle", "humid"])
    assert len(as_sequences(wide)) == 2


WALKS = pd.DataFrame(
    {"id": [1, 1, 2, 2], "t": [0, 1, 0, 1], "x": [1.0, 2.0, 3.0, 4.0], "y": [5.0, 6.0, 7.0, 8.0]}
)
UNSTACKED = WALKS.set_index(["id", "t"])[["x", "y"]].unstack()


@pytest.mark.parametrize("lengths", [None, [2, 2]])
@pytest.mark.parametrize(
    ("frame", "got"),
    [
        (UNSTACKED, "from (x, 0) to (y, 1)"),
        (UNSTACKED.swaplevel(axis=1), "from (0, x) to (1, y)"),
        (WALKS.pivot(index="id", columns="t"), "from (x, 0) to (y, 1)"),
    ],
)
def test_features_side_by_side_are_refused_and_the_advice_works(frame: Any, got: str, lengths: Any) -> None:
    message = (
        f"Every column of a table must be a time step of one feature; got a MultiIndex of columns, {got}, as `unstack` and "
        "`pivot` return. Convert the table with one row per step instead, with `from_long(table, id=..., time=...).sequences`, or "
        "pass an array of shape (n_samples, n_timesteps, n_features)."
    )
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        as_sequences(frame, lengths=lengths)
    advised = from_long(WALKS, id="id", time="t").sequences
    assert advised == as_sequences([[[1.0, 5.0], [2.0, 6.0]], [[3.0, 7.0], [4.0, 8.0]]])


@pytest.mark.parametrize("read", [GRUClassifier().fit, ZScore().fit, ZScore().fit_transform])
def test_features_side_by_side_are_refused_by_estimators(read: Any) -> None:
    with pytest.raises(InvalidSequenceError, match="got a MultiIndex of columns"):
        read(UNSTACKED, [0, 1])


def test_a_multiindex_of_columns_without_several_features_is_read() -> None:
    assert as_sequences(UNSTACKED[["x"]]) == as_sequences([[1.0, 2.0], [3.0, 4.0]])
    frames = [pd.DataFrame([[1.0, 5.0]], columns=pd.MultiIndex.from_product([["hand"], ["x", "y"]]))] * 2
    assert as_sequences(frames, check_axes=False).n_features == 2
    cells = pd.DataFrame([[[1.0, 2.0]] * 4], columns=UNSTACKED.columns)
    assert as_sequences(cells).n_features == 4
