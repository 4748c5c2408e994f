"""Columns that hold one value per id, and became features because nothing named them, are warned of."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqclf import SeqclfWarning, from_long, from_long_batches

NAN = float("nan")
PULSE = [5.0, 2.0, 1.0, 7.0, 6.0]
IDS = [7, 3, 3, 7, 7]


def of(*, ids: list[int] = IDS, **columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame({"patient": ids, **columns})


def test_the_columns_are_named_with_what_to_do() -> None:
    frame = of(pulse=PULSE, sick=[1, 0, 0, 1, 1], age=[61.0, 34.0, 34.0, 61.0, 61.0])
    with pytest.warns(SeqclfWarning) as caught:
        table = from_long(frame, id="patient")
    assert str(caught[0].message) == (
        "Columns that have one value in all rows of an id became features of each step: ['sick', 'age']. A label among them would be "
        "predicted from itself. Name the label in `target`, features of the whole sequence in `static`, and features of the steps in "
        "`values`, for example `values=['pulse']`."
    )
    assert caught[0].filename == __file__
    assert table.columns == ("pulse", "sick", "age")
    with pytest.warns(SeqclfWarning, match=r"\['sick'\].* features of the steps in `values`\.$"):
        from_long(frame[["patient", "sick"]], id="patient")


@pytest.mark.parametrize(
    ("frame", "is_warned_of"),
    [
        (of(a=[1, 0, 0, 1, 1]), True),
        (of(a=[NAN, 0, 0, NAN, NAN]), True),  # the age of some patients is unknown
        (of(a=[1, 0, 0, 1, 2]), False),
        (of(a=[1, 0, 0, 1, NAN]), False),
        (of(a=[1, 0, 2, 1, 1]), False),  # constant in the longest sequence only
        (of(a=[1, 1, 1, 1, 1]), False),  # the same in all: says nothing about the id
        (of(a=[NAN, NAN, NAN, NAN, NAN]), False),
        (of(a=[2, 1, 1, 2, 2], ids=[1, 2, 2, 3, 4]), False),  # one sequence of several steps
        (of(a=[1, 1, 1, 1, 5], ids=[1, 1, 2, 2, 3]), False),  # only a single step differs
        (of(a=[1, 2, 3, 4, 5], ids=[1, 2, 3, 4, 5]), False),  # every sequence has one step
    ],
)
def test_what_is_warned_of(frame: pd.DataFrame, is_warned_of: bool) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        from_long(frame, id="patient", missing="keep")
    assert [str(one.message).count("['a']") for one in caught] == [1] * is_warned_of


def test_columns_that_were_named_are_not_warned_of() -> None:
    frame = of(pulse=PULSE, sick=[1, 0, 0, 1, 1], age=[61, 34, 34, 61, 61])
    assert from_long(frame, id="patient", target="sick", static="age").columns == ("pulse",)
    assert from_long(frame, id="patient", values=["sick", "age"]).columns == ("sick", "age")


def test_batches_are_warned_of_once() -> None:
    frame = of(ids=[1, 1, 2, 2, 3, 3, 4, 4], a=[1, 1, 0, 0, 1, 1, 0, 0])
    with pytest.warns(SeqclfWarning, match="one value in all rows of an id") as caught:
        assert len(list(from_long_batches([frame[:5], frame[5:7], frame[7:]], id="patient"))) == 3
    assert [one.filename for one in caught] == [__file__]


def test_the_rule_agrees_with_pandas() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        frame = of(ids=rng.integers(0, 3, 8).tolist(), a=rng.integers(0, 2, 8).tolist())
        groups = frame.groupby("patient")["a"]
        several = groups.first()[groups.size() > 1]
        expected = bool((groups.nunique() == 1).all() and several.nunique() > 1)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            from_long(frame, id="patient")
        assert bool(caught) == expected
