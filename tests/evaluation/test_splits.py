"""Parts that share no sample: at random with every class in both, or by whom the samples come from."""

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


def test_the_published_heartbeats_are_split_in_proportion() -> None:
    train, test = stratified_split(BEATS, random_state=0)
    assert len(test) == 21889  # a fifth of 109,446
    assert counts(BEATS[test]) == {"N": 18118, "S": 556, "V": 1447, "F": 160, "Q": 1608}
    assert len(train) + len(test) == len(BEATS)


@given(st.lists(st.integers(2, 30), min_size=1, max_size=6), st.floats(0.01, 0.99), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_parts_cover_all_samples_once_and_hold_every_class(sizes: list[int], share: float, seed: int) -> None:
    y = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    train, test = stratified_split(y, test_size=share, random_state=seed)
    assert sorted([*train, *test]) == list(range(len(y)))
    assert set(y[train]) == set(y[test]) == set(range(len(sizes)))
    assert (np.diff(train) > 0).all()
    assert (np.diff(test) > 0).all()
    wished = np.clip(round(share * len(y)), len(sizes), len(y) - len(sizes))
    assert len(test) == wished


@given(st.lists(st.integers(2, 30), min_size=1, max_size=6), st.data())
@settings(deadline=None)
def test_a_number_of_test_samples_is_met_exactly(sizes: list[int], data: st.DataObject) -> None:
    y = np.repeat(np.arange(len(sizes)), sizes)
    size = data.draw(st.integers(len(sizes), len(y) - len(sizes)))
    assert len(stratified_split(y, test_size=size, random_state=0).test) == size


def test_every_sample_of_a_class_is_as_likely_to_be_tested() -> None:
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
def test_the_global_random_state_is_left_alone(random_state: int | None) -> None:
    before = np.random.get_state(legacy=False)["state"]  # noqa: NPY002
    stratified_split(BEATS, random_state=random_state)
    after = np.random.get_state(legacy=False)["state"]  # noqa: NPY002
    assert after["pos"] == before["pos"]
    assert np.array_equal(after["key"], before["key"])


def test_no_seed_draws_anew() -> None:
    assert not np.array_equal(stratified_split(BEATS).test, stratified_split(BEATS).test)


def test_scikit_learn_takes_a_split_as_cv() -> None:
    y = np.array([0, 1] * 10)
    split = stratified_split(y, random_state=0)
    scores = cross_val_score(
        DummyClassifier(strategy="constant", constant=1), np.zeros((20, 1)), y, cv=[split]
    )
    assert scores.tolist() == [0.5]


def test_a_class_of_one_sample_is_named() -> None:
    with pytest.raises(
        ValueError, match=r"at least 2 samples, one for each part; got 1 of class 'F', at y\[2\]"
    ):
        stratified_split(["N", "N", "F"])


@pytest.mark.parametrize(
    ("size", "error", "message"),
    [
        (1.0, ValueError, r"a share and must lie in \(0, 1\); got 1\.0\. Pass an int"),
        (float("nan"), ValueError, r"a share and must lie in \(0, 1\); got nan"),
        (1, ValueError, r"each of the 2 classes in both parts, so lie in \[2, 8\]; got 1"),
        (9, ValueError, r"so lie in \[2, 8\]; got 9"),
        ("20%", TypeError, r"a share \(float\) or a number of samples \(int\); got '20%'"),
        (True, TypeError, r"got True"),
    ],
)
def test_a_test_size_that_cannot_be_is_refused(size: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        stratified_split([0, 1] * 5, test_size=size)


def test_groups_go_to_their_part_and_others_are_left_out() -> None:
    records = np.array(["101", "100", "101", "102", "106"])
    train, test = split_by_group(records, train=["101", "106"], test=["100"])
    assert train.tolist() == [0, 2, 4]
    assert test.tolist() == [1]


def test_groups_may_be_numbers() -> None:
    assert split_by_group([7, 8, 7], train=[8], test=np.array([7])).test.tolist() == [0, 2]


@given(st.lists(st.integers(0, 9), min_size=2, max_size=50))
@settings(deadline=None)
def test_no_group_is_in_both_parts(groups: list[int]) -> None:
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
            r"No group may be in both parts; got '101' at test\[1\] and train\[1\]",
        ),
        (
            ["100"],
            ["999"],
            r"Every group of `test` must occur in `groups`; got test\[0\]='999', .* such as '100'",
        ),
        ([100], ["101"], r"got train\[0\]=100, .* such as '100'\. Compare their types"),
        ([], ["101"], r"`train` must hold at least one label; got none"),
    ],
)
def test_groups_that_do_not_fit_are_named(train: list[Any], test: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        split_by_group(["100", "101", "102"], train=train, test=test)
