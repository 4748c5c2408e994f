from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqclf.datasets import AAMI_CLASSES, Heartbeats, make_heartbeats
from seqclf.datasets._synthetic import _class_counts


def test_the_same_seed_gives_the_same_beats() -> None:
    first, second, third = (make_heartbeats(300, random_state=seed) for seed in (7, 7, 8))
    assert first.sequences == second.sequences
    np.testing.assert_array_equal(first.target, second.target)
    np.testing.assert_array_equal(first.record, second.record)
    assert first.sequences != third.sequences


@pytest.mark.parametrize("make", [np.random.RandomState, np.random.default_rng])
def test_a_generator_advances_with_each_call(make: type[np.random.RandomState]) -> None:
    source = make(3)
    first, second = (make_heartbeats(50, random_state=source) for _ in range(2))
    assert first.sequences != second.sequences
    assert first.sequences == make_heartbeats(50, random_state=make(3)).sequences


@pytest.mark.parametrize("random_state", [None, 0])
def test_the_global_random_state_is_unchanged(random_state: int | None) -> None:
    before, torch_before = np.random.get_state(legacy=False), torch.get_rng_state()  # noqa: NPY002
    make_heartbeats(50, random_state=random_state)
    after = np.random.get_state(legacy=False)  # noqa: NPY002
    assert before["state"]["pos"] == after["state"]["pos"]
    np.testing.assert_array_equal(before["state"]["key"], after["state"]["key"])
    assert torch.equal(torch_before, torch.get_rng_state())


def test_without_a_seed_each_call_differs() -> None:
    assert make_heartbeats(50).sequences != make_heartbeats(50).sequences


def test_beats_are_scaled_and_as_long_as_real_ones() -> None:
    beats = make_heartbeats(5000, random_state=0)
    lengths = beats.sequences.lengths
    assert int(lengths.min()) >= 26
    assert int(lengths.max()) == 187
    assert 108 < float(lengths.double().mean()) < 122  # 116.7 in the MIT-BIH records
    for beat in beats.sequences[:200]:
        assert float(beat.min()) == 0
        assert float(beat.max()) == 1


def test_most_beats_contain_a_true_zero_before_the_last_step() -> None:
    beats = make_heartbeats(2000, random_state=0)
    interior = [bool((beat[:-1] == 0).any()) for beat in beats.sequences]
    assert np.mean(interior) > 0.9  # 0.98 in the MIT-BIH records


def test_classes_have_different_shapes() -> None:
    beats = make_heartbeats(1000, class_proportions=[1, 1, 1, 1, 1], random_state=0)
    # Share of the first 12 steps (0.1 s) above half height: a measure of the QRS width.
    early = torch.stack([beat[:12, 0] for beat in beats.sequences])
    width = {name: float((early[beats.target == name] > 0.5).double().mean()) for name in AAMI_CLASSES}
    assert width["N"] < width["F"] < width["V"]


@pytest.mark.parametrize("seed", range(5))
def test_500_beats_include_every_class(seed: int) -> None:
    assert min(Counter(make_heartbeats(500, random_state=seed).target.tolist()).values()) >= 2


def test_counts_follow_the_proportions_of_the_database() -> None:
    target = make_heartbeats(1094, random_state=0).target
    assert Counter(target.tolist()) == {"N": 906, "S": 28, "V": 72, "F": 8, "Q": 80}


def test_proportions_of_some_classes_are_enough() -> None:
    X, y = make_heartbeats(9, class_proportions={"N": 2, "V": 1}, random_state=0, return_X_y=True)
    assert len(X) == 9
    assert Counter(y.tolist()) == {"N": 6, "V": 3}


def test_remainders_are_distributed_and_rare_classes_get_two() -> None:
    assert _class_counts(10, np.array([0.54, 0.26, 0.2, 0.0, 0.0])).tolist() == [5, 3, 2, 0, 0]
    assert _class_counts(20, np.array([0.96, 0.01, 0.01, 0.01, 0.01])).tolist() == [12, 2, 2, 2, 2]
    assert _class_counts(3, np.array([0.96, 0.01, 0.01, 0.01, 0.01])).tolist() == [3, 0, 0, 0, 0]


@settings(deadline=None, max_examples=200)
@given(
    st.integers(1, 3000), st.lists(st.floats(0, 1), min_size=5, max_size=5).filter(lambda p: sum(p) > 1e-3)
)
def test_counts_add_up(n: int, weights: list[float]) -> None:
    shares = np.array(weights) / sum(weights)
    counts = _class_counts(n, shares)
    assert counts.sum() == n
    assert (counts[shares == 0] == 0).all()
    if n >= 10:
        assert (counts[shares > 0] >= 2).all()


def test_each_simulated_patient_is_a_record() -> None:
    beats = make_heartbeats(2000, random_state=0)
    assert isinstance(beats, Heartbeats)
    assert beats.record is not None
    assert beats.record.min() >= 0
    assert beats.record.max() <= 47
    paced = set(beats.record[beats.target == "Q"].tolist())
    assert len(paced) == 4
    assert not paced & set(beats.record[beats.target != "Q"].tolist())


@pytest.mark.parametrize(
    ("n_samples", "error", "message"),
    [
        (0, ValueError, r"`n_samples` must be at least 1; got 0\."),
        (2.5, TypeError, r"`n_samples` must be an integer; got 2\.5\."),
        (True, TypeError, r"`n_samples` must be an integer; got True\."),
        (np.True_, TypeError, r"`n_samples` must be an integer; got "),
        (np.int64(-3), ValueError, r"`n_samples` must be at least 1; got "),
        ("5", TypeError, r"`n_samples` must be an integer; got '5'\."),
        (100_000_001, ValueError, r"`n_samples` must be at most 100,000,000; got 100,000,001\. Simulate"),
        (np.uint64(2**64 - 1), ValueError, r"`n_samples` must fit 64 bits; got an integer of 64 bits\."),
        pytest.param(
            10**5000,
            ValueError,
            r"`n_samples` must fit 64 bits; got an integer of 16610 bits\.",
            id="huge",
        ),
    ],
)
def test_an_invalid_number_of_samples_is_refused(
    n_samples: int, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make_heartbeats(n_samples)


@pytest.mark.parametrize(
    ("proportions", "message"),
    [
        ({"N": 1, "X": 1}, r"contain only classes among N, S, V, F, Q; got 'X'\."),
        ([1, 2], r"one number for each of N, S, V, F, Q; got 2\. Pass a mapping"),
        ([1, 1, -1, 1, 1], r"finite, at least 0 and not all 0; got -1\.0 for V\. Pass"),
        ([0, 0, 0, 0, 0], r"finite, at least 0 and not all 0; got 0\.0 for N\. Pass"),
        ({"F": float("nan")}, r"finite, at least 0 and not all 0; got nan for F\. Pass"),
    ],
)
def test_invalid_proportions_are_refused(proportions: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_heartbeats(10, class_proportions=proportions)


@pytest.mark.parametrize("proportions", [3, "NSVFQ", [1, 1, "1", 1, 1], [1, 1, True, 1, 1], {"N": None}])
def test_proportions_of_another_type_are_refused(proportions: object) -> None:
    with pytest.raises(
        TypeError, match=r"`class_proportions(\[\d\])?` must be a (number|mapping or a sequence)"
    ):
        make_heartbeats(10, class_proportions=proportions)  # type: ignore[call-overload]


def test_proportions_may_be_tiny_or_huge() -> None:
    expected = make_heartbeats(30, class_proportions=[1] * 5, random_state=0)
    for share in (5e-324, 1e308):
        beats = make_heartbeats(30, class_proportions=[share] * 5, random_state=0)
        assert beats.sequences == expected.sequences


@pytest.mark.parametrize("integer", [np.int8, np.int64, np.uint64])
def test_arguments_may_be_numpy_integers(integer: type[np.integer]) -> None:
    beats = make_heartbeats(integer(30), random_state=integer(3))  # type: ignore[call-overload]
    assert beats.sequences == make_heartbeats(30, random_state=3).sequences


@pytest.mark.parametrize("random_state", [-1, 2**32, 1.5, "abc", True])
def test_an_invalid_seed_is_refused(random_state: object) -> None:
    with pytest.raises(
        ValueError, match=r"`random_state` must be an integer from 0 to 2\*\*32 - 1, a RandomState"
    ):
        make_heartbeats(10, random_state=random_state)  # type: ignore[call-overload]


def test_an_option_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="`return_X_y` must be True or False; got 'no'"):
        make_heartbeats(10, return_X_y="no")  # type: ignore[call-overload]


def test_rr_intervals_separate_premature_from_regular_beats() -> None:
    beats = make_heartbeats(4000, random_state=0)
    assert beats.rr_intervals is not None
    before, _, median = beats.rr_intervals.T
    assert beats.rr_intervals.dtype == np.float32
    assert beats.rr_intervals.min() >= 0.25
    relative = {name: np.median((before / median)[beats.target == name]) for name in beats.target_names}
    assert max(relative["S"], relative["V"], relative["F"]) < 0.9 < min(relative["N"], relative["Q"])
    # Lengths are consistent: a beat lasts 1.2 times the median interval.
    seconds = np.asarray(beats.sequences.lengths) / 125
    uncut = seconds < 1.49
    np.testing.assert_allclose(seconds[uncut], (1.2 * median)[uncut], atol=0.005)
