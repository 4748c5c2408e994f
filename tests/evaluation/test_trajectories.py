"""A feature over whole sequences is exchanged between them, resampled to other lengths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seqclf import as_sequences
from seqclf.evaluation._trajectories import read_ragged, resampled

LISTS = [
    np.array([[0.0, 10], [1, 11], [2, 12]]),
    np.array([[5.0, 20]]),
    np.array([[7.0, 30], [8, 31], [9, 32], [9, 33], [3, 34]]),
]
OFFSETS = np.array([0, 3, 4, 9])


@pytest.mark.parametrize(
    ("donors", "expected"),
    [
        ([0, 1, 2], [0, 1, 2, 5, 7, 8, 9, 9, 3]),
        ([2, 0, 1], [7, 9, 3, 1, 5, 5, 5, 5, 5]),
        ([1, 2, 0], [5, 5, 5, 9, 0, 0.5, 1, 1.5, 2]),
    ],
)
def test_courses_are_interpolated_to_the_length_of_the_receiver(
    donors: list[int], expected: list[float]
) -> None:
    values = np.concatenate(LISTS)[:, 0]
    assert resampled(values, OFFSETS, np.array(donors)).tolist() == expected


def test_sequences_of_equal_length_exchange_their_values_unchanged() -> None:
    values = np.random.default_rng(0).normal(size=30).astype(np.float32)
    donors = np.array([2, 0, 1])
    found = resampled(values, np.array([0, 10, 20, 30]), donors)
    assert np.array_equal(found.astype(np.float32).reshape(3, 10), values.reshape(3, 10)[donors])


@pytest.mark.parametrize("kind", ["Sequences", "list", "tuple"])
def test_only_one_feature_is_exchanged(kind: str) -> None:
    X: Any = {"Sequences": as_sequences(LISTS), "list": LISTS, "tuple": tuple(LISTS)}[kind]
    found = read_ragged(X).exchanged(0, np.array([2, 0, 1]))
    assert type(found) is (list if kind != "Sequences" else type(X))
    assert [np.asarray(x)[:, 0].tolist() for x in found] == [[7, 9, 3], [1], [5] * 5]
    assert all(
        np.array_equal(np.asarray(x)[:, 1], before[:, 1]) for x, before in zip(found, LISTS, strict=True)
    )
    assert as_sequences(list(X)) == as_sequences(LISTS)  # the input is unchanged


def test_static_features_are_exchanged_as_numbers() -> None:
    X = as_sequences(LISTS, static=[[1, 10], [2, 20], [3, 30]])
    ragged = read_ragged(X)
    assert ragged.n_columns == 4
    found = ragged.exchanged(3, np.array([2, 0, 1]))
    assert found.static.tolist() == [[1, 30], [2, 10], [3, 20]]
    assert np.array_equal(found.values, X.values)
    assert ragged.exchanged(0, np.array([1, 2, 0])).static.tolist() == [[1, 10], [2, 20], [3, 30]]


def test_lists_of_numbers_keep_their_form() -> None:
    assert [x.tolist() for x in read_ragged([[1.0, 2.0], [3.0]]).exchanged(0, np.array([1, 0]))] == [
        [3, 3],
        [1.5],
    ]


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (
            np.zeros((3, 4)),
            TypeError,
            r"`X` must be `Sequences` or a list of arrays; got ndarray\. Pass `as_sequences",
        ),
        ([np.zeros((3, 1)), np.zeros((3, 2))], ValueError, r"got the shapes \[\(3, 1\), \(3, 2\)\]"),
        ([np.zeros((3, 1, 1))] * 2, ValueError, "must hold arrays of shape"),
        ([], ValueError, "must hold arrays of shape"),
    ],
)
def test_other_data_are_refused(X: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read_ragged(X)
