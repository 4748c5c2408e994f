"""Names are read from every kind of frame, and compared with those that `fit` saw."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch

from seqclf.exceptions import InvalidSequenceError, SeqclfWarning
from seqclf.sequences import ColumnNames, as_sequences

STEPS, FEATURES = {"t0": [1.0, 2.0], "t1": [3.0, 0.0]}, {"a": [1.0, 2.0], "b": [3.0, 4.0]}
LONG = pd.DataFrame({"case": [1, 1, 2], "a": [1.0, 2.0, 3.0], "b": [3.0, 4.0, 5.0]})
CELLS = {"a": [[1.0, 2.0], [3.0]], "b": [[4.0, 5.0], [6.0]]}


@pytest.mark.parametrize(
    ("X", "names", "axis"),
    [
        (pd.DataFrame(STEPS), ("t0", "t1"), "step"),
        (pl.DataFrame(STEPS), ("t0", "t1"), "step"),
        (pd.DataFrame({"column_names": [1.0], "b": [2.0]}), ("column_names", "b"), "step"),
        ([pd.DataFrame(FEATURES)], ("a", "b"), "feature"),
        ((np.ones((1, 2)), pl.DataFrame(FEATURES)), ("a", "b"), "feature"),
        (pd.Series([pd.DataFrame(FEATURES)] * 2), ("a", "b"), "feature"),
        (LONG.groupby("case"), ("a", "b"), "feature"),
        (LONG.groupby("case")[["b", "a"]], ("b", "a"), "feature"),
        (LONG.groupby("case")["b"], ("b",), "feature"),
        (pd.DataFrame(CELLS), ("a", "b"), "feature"),
        (pl.DataFrame(CELLS), ("a", "b"), "feature"),
        (pd.DataFrame([[1.0, 2.0]]), None, "step"),
        (np.ones((2, 3)), None, "step"),
        ([pd.DataFrame([[1.0, 2.0]])], None, "feature"),
        (np.array([[1], [2]], dtype=object), None, None),
        (torch.ones(2, 3), None, None),
        (np.ones((2, 3, 1)), None, None),
        ([[1.0], [2.0]], None, None),
        (pd.Series([[1.0], [2.0]]), None, None),
        (as_sequences([[1.0], [2.0]]), None, None),
    ],
)
def test_names_of_every_container(X: Any, names: tuple[str, ...] | None, axis: str | None) -> None:
    assert ColumnNames.of(X) == ColumnNames(names, axis)  # type: ignore[arg-type]


def test_names_are_an_object_array_as_in_scikit_learn() -> None:
    array = ColumnNames(("a", "b"), "feature").to_array()
    assert array is not None
    assert array.tolist() == ["a", "b"]
    assert array.dtype == object
    assert ColumnNames().to_array() is None


def test_names_must_be_all_strings_or_none() -> None:
    message = "Feature names are only supported if all input features have string names; got names of types ['int', 'str']."
    with pytest.raises(TypeError, match=re.escape(message)):
        ColumnNames.of(pd.DataFrame({"a": [1.0], 1: [2.0]}))


FIRST = "The feature names should match those that were passed during fit.\n"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            ["b", "a", "c"],
            "Feature names must be in the same order as they were in fit.\nGot ['b', 'a', 'c'] instead of ['a', 'b', 'c']. "
            "Select them by name: `x[list(model.feature_names_in_)]`.",
        ),
        (
            ["a", "b", "d"],
            "Feature names unseen at fit time:\n- d\nFeature names seen at fit time, yet now missing:\n- c\n"
            "Got ['a', 'b', 'd'] instead of ['a', 'b', 'c']. Rename, add or drop columns until they agree.",
        ),
        (["a", "b"], "Feature names seen at fit time, yet now missing:\n- c\nGot ['a', 'b'] instead"),
        (["a", "b", "c", "d"], "Feature names unseen at fit time:\n- d\nGot ['a', 'b', 'c', 'd'] instead"),
        (
            [f"x{i}" for i in range(7)],
            "Feature names unseen at fit time:\n- x0\n- x1\n- x2\n- x3\n- x4\n- ...\nFeature names seen",
        ),
    ],
)
def test_other_features_are_named(given: list[str], message: str) -> None:
    with pytest.raises(InvalidSequenceError, match=re.escape(FIRST + message)):
        ColumnNames(("a", "b", "c"), "feature").check(
            [pd.DataFrame([[1.0] * len(given)], columns=given)], name="M"
        )


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_columns_after_those_of_fit_may_hold_padding(library: Any) -> None:
    seen = ColumnNames(("t0", "t1"), "step")

    def table(*names: str) -> Any:
        return library({name: [1.0] for name in names})

    seen.check(table("t0", "t1", "t2"), name="M")
    seen.check(table("t0"), name="M", has_lengths=True)
    for names in (("t1", "t0"), ("t2", "t0", "t1"), ("t0",), ("t0", "t2")):
        with pytest.raises(InvalidSequenceError, match=re.escape(FIRST)):
            seen.check(table(*names), name="M")
    with pytest.raises(InvalidSequenceError, match=re.escape(FIRST)):
        seen.check(table("t1"), name="M", has_lengths=True)


def test_columns_of_different_kinds_are_not_compared() -> None:
    steps, features = pd.DataFrame(STEPS), [pd.DataFrame(FEATURES)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ColumnNames.of(steps).check(features, name="M")
        ColumnNames.of(features).check(steps, name="M")
        ColumnNames.of(features).check([np.ones((2, 2))], name="M")
        ColumnNames.of(features).check([pd.DataFrame([[1.0, 2.0]])], name="M")
        ColumnNames().check(features, name="M")
        ColumnNames.of(steps).check(as_sequences(steps), name="M")


def test_a_table_with_names_beside_one_without_brings_a_warning() -> None:
    named, unnamed = pd.DataFrame(STEPS), np.ones((2, 2))
    with pytest.warns(
        SeqclfWarning, match="X does not have valid feature names, but M was fitted with feature names"
    ):
        ColumnNames.of(named).check(unnamed, name="M")
    with pytest.warns(SeqclfWarning, match="X has feature names, but M was fitted without feature names"):
        ColumnNames.of(unnamed).check(named, name="M")
