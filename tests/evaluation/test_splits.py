"""Disjoint training and test sets: stratified by class, or split by group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import cross_val_score

from seqclf.evaluation import split_by_group, stratified_split

# The classes of the published heartbeats.
BEATS = np.repeat(["N", "S", "V", "F", "Q"], [90589, 2779, 7236, 803, 8039])


def counts(y: np.ndarray[Any, Any]) -> dict[str, int]:
    names, numbers = np.unique(y, return_counts=True)
    return dict(zip(names.tolist(), numbers.tolist(), strict=True))


def test_ten_samples_by_hand() -> None:
    y = np.array(["N"] * 8 + ["V"] * 2)
    train, test = stratified_split(y, test_size=0.5, random_state=0)
    assert counts(y[train]) == counts(y[test]) == {"N": 4, "V": 1}


def test_the_published_heartbeats_keep_their_proportions() -> None:
    train, test = stratified_split(BEATS, random_state=0)
    assert len(test) == 21889  # a fifth of 109,446
    assert counts(BEATS[test]) == {"N": 18118, "S": 556, "V": 1447, "F": 160, "Q": 1608}
    assert len(train) + len(test) == len(BEATS)


@given(st.lists(st.integers(2, 30), min_size=1, max_size=6), st.floats(0.01, 0.99), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_both_sets_contain_every_class_and_together_every_sample_once(
    sizes: list[int], share: float, seed: int
) -> None:
    y = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    train, test = stratified_split(y, test_size=share, random_state=seed)
    assert sorted([*train, *test]) == list(range(len(y)))
    assert set(y[train]) == set(y[test]) == set(range(len(sizes)))
    assert (np.diff(train) > 0).all()
    assert (np.diff(test) > 0).all()
    expected = np.clip(round(share * len(y)), len(sizes), len(y) - len(sizes))
    assert len(test) == expected


@given(st.lists(st.integers(2, 30), min_size=1, max_size=6), st.data())
@settings(deadline=None)
def test_the_number_of_test_samples_is_exact(sizes: list[int], data: st.DataObject) -> None:
    y = np.repeat(np.arange(len(sizes)), sizes)
    size = data.draw(st.integers(len(sizes), len(y) - len(sizes)))
    assert len(stratified_split(y, test_size=size, random_state=0).test) == size


def test_all_samples_of_a_class_are_equally_likely() -> None:
    y = np.array(["N"] * 6 + ["V"] * 4)
    drawn = np.concatenate(
        [stratified_split(y, test_size=0.5, random_state=seed).test for seed in range(400)]
    )
    np.testing.assert_allclose(np.bincount(drawn), 200, atol=50)


def test_the_same_seed_gives_the_same_split() -> None:
    first, second = (stratified_split(BEATS, random_state=3) for _ in range(2))
    assert np.array_equal(first.test, second.test)
    assert not np.array_equal(first.test, stratified_split(BEATS, random_state=4).test)


@pytest.mark.parametrize("random_state", [None, 0])
def test_the_global_random_state_is_unchanged(random_state: int | None) -> None:
    before = np.random.get_state(legacy=False)["state"]  # noqa: NPY002
    stratified_split(BEATS, random_state=random_state)
    after = np.random.get_state(legacy=False)["state"]  # noqa: NPY002
    assert after["pos"] == before["pos"]
    assert np.array_equal(after["key"], before["key"])


def test_without_a_seed_each_call_differs() -> None:
    assert not np.array_equal(stratified_split(BEATS).test, stratified_split(BEATS).test)


def test_scikit_learn_accepts_a_split_as_cv() -> None:
    y = np.array([0, 1] * 10)
    split = stratified_split(y, random_state=0)
    scores = cross_val_score(
        DummyClassifier(strategy="constant", constant=1), np.zeros((20, 1)), y, cv=[split]
    )
    assert scores.tolist() == [0.5]


def test_a_class_with_one_sample_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"at least 2 samples, one for each set; got 1 of class 'F', at y\[2\]"
    ):
        stratified_split(["N", "N", "F"])


@pytest.mark.parametrize(
    ("size", "error", "message"),
    [
        (1.0, ValueError, r"must be in \(0, 1\) if it is a float; got 1\.0\. Pass an int"),
        (float("nan"), ValueError, r"must be in \(0, 1\) if it is a float; got nan"),
        (1, ValueError, r"must be in \[2, 8\], so that both sets contain each of the 2 classes; got 1"),
        (9, ValueError, r"must be in \[2, 8\], .*; got 9"),
        ("20%", TypeError, r"a share \(float\) or a number of samples \(int\); got '20%'"),
        (True, TypeError, r"got True"),
    ],
)
def test_an_invalid_test_size_is_refused(size: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        stratified_split([0, 1] * 5, test_size=size)


def test_other_groups_are_left_out() -> None:
    records = np.array(["101", "100", "101", "102", "106"])
    train, test = split_by_group(records, train=["101", "106"], test=["100"])
    assert train.tolist() == [0, 2, 4]
    assert test.tolist() == [1]


def test_groups_may_be_numbers() -> None:
    assert split_by_group([7, 8, 7], train=[8], test=np.array([7])).test.tolist() == [0, 2]


@given(st.lists(st.integers(0, 9), min_size=2, max_size=50))
@settings(deadline=None)
def test_no_group_is_in_both_sets(groups: list[int]) -> None:
    known = sorted(set(groups))
    if len(known) < 2:
        return
    train, test = split_by_group(groups, train=known[::2], test=known[1::2])
    array = np.array(groups)
    assert not set(array[train]) & set(array[test])
    assert len(train) + len(test) == len(groups)


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        (
            ["100", "101"],
            ["102", "101"],
            r"No group may be in both sets; got '101' at test\[1\] and train\[1\]",
        ),
        (
            ["100"],
            ["999"],
            r"`test` must contain only values of `groups`; got test\[0\]='999', .* such as '100'",
        ),
        ([100], ["101"], r"got train\[0\]=100, .* such as '100'\. Do their types differ"),
        ([], ["101"], r"`train` must contain at least one label; got none"),
    ],
)
def test_invalid_groups_are_refused(train: list[Any], test: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        split_by_group(["100", "101", "102"], train=train, test=test)
