"""Columns of a frame of probabilities are classes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from seqclf.evaluation import calibration_error, evaluate
from seqclf.evaluation._probabilities import check_proba

ARRAY = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])


def frame(library: Any, names: list[Any]) -> Any:
    return library(dict(zip(names, ARRAY.T, strict=True)))


@pytest.mark.parametrize(
    ("X", "classes", "order"),
    [
        (frame(pd.DataFrame, ["N", "S", "V"]), ("N", "S", "V"), [0, 1, 2]),
        (frame(pd.DataFrame, ["V", "N", "S"]), ("N", "S", "V"), [1, 2, 0]),
        (frame(pl.DataFrame, ["V", "N", "S"]), ("N", "S", "V"), [1, 2, 0]),
        (frame(pd.DataFrame, [2, 0, 1]), (0, 1, 2), [1, 2, 0]),
        (frame(pd.DataFrame, [2.0, 0.0, 1.0]), (0, 1, 2), [1, 2, 0]),
        (frame(pd.DataFrame, ["2", "0", "1"]), (0, 1, 2), [1, 2, 0]),  # as read from a file
        (frame(pl.DataFrame, ["2", "0", "1"]), (0, 1, 2), [1, 2, 0]),
        (pd.DataFrame(ARRAY), (2, 1, 0), [2, 1, 0]),
        (pd.DataFrame(ARRAY), ("N", "S", "V"), [0, 1, 2]),  # default names are positions
        (pl.DataFrame(ARRAY), ("N", "S", "V"), [0, 1, 2]),
        (ARRAY, ("N", "S", "V"), [0, 1, 2]),
    ],
)
def test_columns_are_ordered_by_class(X: Any, classes: tuple[Any, ...], order: list[int]) -> None:
    np.testing.assert_array_equal(check_proba(X, 2, classes), ARRAY[:, order])


@pytest.mark.parametrize("names", [["N", "S", "F"], ["n", "s", "v"], [1, 2, 3]])
def test_columns_that_are_not_the_classes_are_refused(names: list[Any]) -> None:
    message = (
        f"The columns of `proba` must be the classes ['N', 'S', 'V']; got {names}. Rename them, or pass `proba.to_numpy()` if "
        "its columns are in the order of the classes."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        check_proba(frame(pd.DataFrame, names), 2, ("N", "S", "V"))


def test_a_repeated_column_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must be the classes \['N', 'S', 'V'\]; got \['N', 'N', 'V'\]"):
        check_proba(pd.DataFrame(ARRAY, columns=["N", "N", "V"]), 2, ("N", "S", "V"))


def test_scores_do_not_depend_on_the_order_of_columns() -> None:
    true, predicted = ["N", "N", "V", "V"], ["N", "V", "V", "V"]
    proba = pd.DataFrame({"N": [0.9, 0.4, 0.3, 0.1], "V": [0.1, 0.6, 0.7, 0.9]})
    assert evaluate(true, predicted, proba[["V", "N"]]) == evaluate(true, predicted, proba.to_numpy())
    assert calibration_error(true, proba[["V", "N"]]) == calibration_error(true, proba.to_numpy())
