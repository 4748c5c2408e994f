"""Labels of any type become class indices; invalid ones are reported with their position."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqclf.evaluation._labels import as_label_list, check_labels, check_values, encode, sorted_labels


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (["N", "V"], ["N", "V"]),
        (np.array(["N", "V"]), ["N", "V"]),
        (np.array(["N", "V"], dtype=object), ["N", "V"]),
        (np.array([3, 1], dtype=np.uint8), [3, 1]),
        ([np.int64(3), np.int64(1)], [3, 1]),
        ((True, False), [True, False]),
        (np.array([0.0, 4.0]), [0.0, 4.0]),
        (pd.Series(["N", "V"], index=[7, 9]), ["N", "V"]),
        (pd.Series(["N", "V"], dtype="category"), ["N", "V"]),
    ],
)
def test_labels_of_any_type_become_python_scalars(y: Any, expected: list[Any]) -> None:
    values = as_label_list(y, "y")
    assert values == expected
    assert [type(value) for value in values] == [type(value) for value in expected]


def test_labels_are_encoded_as_their_index() -> None:
    assert encode(["V", "N", "V"], ("N", "S", "V"), "y").tolist() == [2, 0, 2]


def test_sorted_labels_are_distinct() -> None:
    assert sorted_labels(["V", "N"], ["N", "S"]) == ["N", "S", "V"]


def test_a_mixed_list_does_not_silently_become_strings() -> None:
    mixed: list[Any] = ["N", 1]
    with pytest.raises(TypeError, match=r"must be of one type .* got a mixture of int, str\. Convert them"):
        sorted_labels(as_label_list(mixed, "y"))


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([], r"`y` must contain at least one label; got none"),
        (np.zeros((3, 1)), r"one label per sample; got an array of shape \(3, 1\)\. Use `\.ravel\(\)`"),
        (np.zeros((3, 2)), r"got an array of shape \(3, 2\)\. Pass probabilities as `proba`"),
        ("N", r"got an array of shape \(\)"),
    ],
)
def test_arrays_of_the_wrong_shape_are_refused(y: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        as_label_list(y, "y")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["N", None], r"a class label for every sample; got y\[1\]=None\. Drop or fill missing labels"),
        ([0.0, float("nan")], r"got y\[1\]=nan\. Drop or fill missing labels"),
        ([0.0, 1.0, 0.25], r"got y\[2\]=0\.25\. Pass scores and probabilities as `proba`"),
    ],
)
def test_missing_labels_and_scores_are_refused(values: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_values(values, "y")


def test_values_that_are_not_hashable_are_refused() -> None:
    with pytest.raises(TypeError, match=r"must contain strings, integers or booleans; got a dict in y\[0\]"):
        check_values([{}, {}], "y")


def test_an_unknown_label_is_reported_with_its_position() -> None:
    with pytest.raises(ValueError, match=r"got y_true\[2\]='Q', which is not among 'N', 'V'\. Add it"):
        encode(["N", "V", "Q"], ("N", "V"), "y_true")


def test_the_message_shows_at_most_ten_labels() -> None:
    with pytest.raises(
        ValueError, match=r"not among 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, \.\.\. \(12 in all\)\. Add"
    ):
        encode([99], tuple(range(12)), "y")


def test_labels_must_be_unique() -> None:
    with pytest.raises(ValueError, match=r"contain each class once; got 'N' at labels\[0\] and labels\[2\]"):
        check_labels(["N", "V", "N"])


def test_a_single_class_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"`labels` must contain at least two classes; got only 'N'\. Pass all"
    ):
        check_labels(["N"])
