"""pandas' `frame.groupby(id)[columns]` becomes one sequence per group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import as_sequences

FRAME = pd.DataFrame({"id": [2, 1, 2, 1, 2], "a": [1.0, 2, 3, 4, 5], "b": [10, 20, 30, 40, 50]})
EXPECTED = as_sequences([[[2, 20], [4, 40]], [[1, 10], [3, 30], [5, 50]]])


@pytest.mark.parametrize(
    "grouped",
    [
        FRAME.groupby("id")[["a", "b"]],
        FRAME.groupby("id"),
        FRAME.groupby(["id"]),
        FRAME.groupby(FRAME["id"]),
        FRAME.groupby("id", as_index=False),
        FRAME.set_index("id").groupby(level=0),
        FRAME.set_index(["id", [0, 0, 1, 1, 2]]).groupby(level=0),
    ],
)
def test_groups_become_sequences_without_the_ids(grouped: Any) -> None:
    assert as_sequences(grouped) == EXPECTED


def test_the_order_of_the_groups_is_kept() -> None:
    assert as_sequences(FRAME.groupby("id", sort=False)) == EXPECTED[[1, 0]]
    assert as_sequences(FRAME.groupby("id")["a"]) == EXPECTED.with_values(EXPECTED.values[:, :1])


def test_nothing_is_dropped_silently() -> None:
    with pytest.raises(InvalidSequenceError, match="must belong to a group; got a missing id in row 1"):
        as_sequences(FRAME.assign(id=[2, None, 2, 1, 2]).groupby("id")[["a"]])
    with pytest.raises(InvalidSequenceError, match="got NaN in row 0, step 1, feature 1"):
        as_sequences(FRAME.assign(b=[1, 2, 3, np.nan, 5]).groupby("id")[["a", "b"]])
    with pytest.raises(InvalidSequenceError, match=r"0 sample\(s\).* got no group"):
        as_sequences(FRAME[:0].groupby("id")[["a"]])


def test_the_frame_does_not_share_memory() -> None:
    frame = pd.DataFrame({"id": [1, 1], "a": np.ones(2, dtype=np.float32)})
    as_sequences(frame.groupby("id")[["a"]]).values[:] = 7
    assert frame["a"].tolist() == [1.0, 1.0]
