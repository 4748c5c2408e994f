"""Frames of one list must agree in their columns, none of which may be an id."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import as_sequences
from seqclf.sequences.convert._frame_lists import frames_of

every_library = pytest.mark.parametrize("Frame", [pd.DataFrame, pl.DataFrame])


def as_objects(frames: list[Any]) -> Any:
    array = np.empty(len(frames), dtype=object)
    array[:] = frames
    return array


def test_frames_are_found_by_row() -> None:
    frame = pd.DataFrame({"a": [1.0]})
    assert list(frames_of([[1.0], frame, np.ones(2), frame])) == [1, 3]
    assert frames_of([[1.0], np.ones(2), pd.Series([1.0])]) == {}


@every_library
@pytest.mark.parametrize("container", [list, tuple, as_objects, lambda X: pd.Series(as_objects(X))])
def test_equal_columns_are_features_in_their_order(Frame: Any, container: Any) -> None:
    frames = [Frame({"a": [1, 2], "b": [3, 4]}), Frame({"a": [5], "b": [6]})]
    assert as_sequences(container(frames)) == as_sequences([[[1, 3], [2, 4]], [[5, 6]]])


@every_library
@pytest.mark.parametrize("container", [list, tuple, as_objects, lambda X: pd.Series(as_objects(X))])
@pytest.mark.parametrize(
    ("columns", "advice"),
    [
        (["b", "a"], "Select them in one order: `[x[['a', 'b']] for x in X]`."),
        (
            ["a", "c"],
            "Rename, add or drop columns; if only their positions count, pass `[x.to_numpy() for x in X]`.",
        ),
        (["a", "b", "c"], "Rename, add or drop columns;"),
        (["a"], "Rename, add or drop columns;"),
    ],
)
def test_different_columns_are_refused(Frame: Any, container: Any, columns: list[str], advice: str) -> None:
    frames = [Frame({"a": [1], "b": [2]})] * 2 + [Frame({name: [1] for name in columns})]
    message = (
        "All frames of a list must have the same columns in the same order; got ['a', 'b'] in row 0 and "
        f"{columns} in row 2. {advice}"
    )
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        as_sequences(container(frames))


def test_arrays_between_the_frames_have_no_names() -> None:
    frames = [np.ones((2, 2)), pd.DataFrame({"a": [1], "b": [2]}), pd.DataFrame({"b": [1], "a": [2]})]
    assert as_sequences(frames[:2]).lengths.tolist() == [2, 1]
    with pytest.raises(InvalidSequenceError, match=r"got \['a', 'b'\] in row 1 and \['b', 'a'\] in row 2"):
        as_sequences(frames)


def test_numbers_are_positions_unless_they_are_permuted() -> None:
    """The columns of `frame.T` are the row numbers of `frame`, which differ between the frames of a list."""
    channels_first = pd.DataFrame(np.arange(12.0).reshape(4, 3))
    pair = [channels_first[:2].T, channels_first[2:].T]
    assert as_sequences(pair) == as_sequences([frame.to_numpy() for frame in pair])
    with pytest.raises(InvalidSequenceError, match=r"got \[0, 1\] in row 0 and \[1, 0\] in row 1"):
        as_sequences([channels_first[:2].T, channels_first[1::-1].T])


@every_library
@pytest.mark.parametrize("name", ["id", "ID", "beat_id"])
def test_an_id_is_not_a_feature(Frame: Any, name: str) -> None:
    frames = [Frame({name: [case] * 2, "a": [1.0, 2.0]}) for case in (3, 3, 7)]
    message = (
        f"Every column of a frame must be a feature; got column {name!r}, which is 3 throughout row 0 and 7 throughout row 2, "
        "as an id is. Drop the column from each frame, or convert the table before it is split: "
        f"`from_long(table, id={name!r}).sequences`."
    )
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        as_sequences(frames)


def test_groups_of_a_table_still_hold_its_id() -> None:
    table = pd.DataFrame({"id": ["x", "x", "y"], "a": [1.0, 2.0, 3.0]})
    with pytest.raises(InvalidSequenceError, match=r"got column 'id', which is 'x' throughout row 0 and 'y'"):
        as_sequences([group for _, group in table.groupby("id")])
    groups = [group.drop(columns="id") for _, group in table.groupby("id")]
    assert as_sequences(groups).lengths.tolist() == [2, 1]


@pytest.mark.parametrize(
    "columns",
    [
        [{"id": [1, 2], "a": [0, 0]}, {"id": [3, 3], "a": [0, 0]}],  # varies within a frame
        [{"id": [1, 1], "a": [0, 0]}, {"id": [1, 1], "a": [0, 0]}],  # the same in all
        [{"idle": [1, 1], "a": [0, 0]}, {"idle": [2, 2], "a": [0, 0]}],  # another name
        [{"id": [1, 1], "a": [0, 0]}],  # one frame shows nothing
    ],
)
def test_other_columns_are_features(columns: list[dict[str, list[int]]]) -> None:
    assert as_sequences([pd.DataFrame(one) for one in columns]).n_features == 2
