"""Which sequences come next."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqclf.sampling import BalancedSampler, ShuffleSampler


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_tiny_case_by_hand() -> None:
    sampler = ShuffleSampler(5, batch_size=2, generator=generator())
    batches = list(sampler)
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert len(sampler) == 3
    assert sorted(torch.cat(batches).tolist()) == [0, 1, 2, 3, 4]


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 200), st.integers(1, 60), st.integers(0, 1000))
def test_shuffling_takes_each_index_once_an_epoch(n_samples: int, batch_size: int, seed: int) -> None:
    sampler = ShuffleSampler(n_samples, batch_size=batch_size, generator=generator(seed))
    for _ in range(2):
        batches = list(sampler)
        assert len(batches) == len(sampler)
        assert all(len(batch) == batch_size for batch in batches[:-1])
        assert sorted(torch.cat(batches).tolist()) == list(range(n_samples))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from("NSVFQ"), min_size=1, max_size=60), st.integers(1, 20), st.integers(0, 1000))
def test_balancing_draws_as_many_indices_as_there_are_samples(
    y: list[str], batch_size: int, seed: int
) -> None:
    sampler = BalancedSampler(y, batch_size=batch_size, generator=generator(seed))
    batches = list(sampler)
    assert len(batches) == len(sampler)
    drawn = torch.cat(batches)
    assert len(drawn) == len(y)
    assert drawn.dtype == torch.int64
    assert int(drawn.min()) >= 0
    assert int(drawn.max()) < len(y)


@pytest.mark.parametrize("names", [[0, 1, 2], ["N", "S", "V"], [-3.0, 7.5, 11.0]])
def test_balancing_draws_all_classes_equally_often_and_all_members_of_one(names: list[Any]) -> None:
    counts = np.array([9000, 900, 100])
    y = np.repeat(np.array(names), counts)
    np.random.default_rng(0).shuffle(y)
    drawn = torch.cat(list(BalancedSampler(y, batch_size=64, generator=generator()))).numpy()
    of_classes = [np.mean(y[drawn] == name) for name in names]
    assert of_classes == pytest.approx([1 / 3] * 3, abs=0.02)
    # Each of the 100 rare members is drawn 33 times on average, Poisson: 12 and 60 are more than 3.5 deviations away.
    times = np.bincount(drawn, minlength=len(y))[y == names[2]]
    assert times.min() >= 12
    assert times.max() <= 60


def test_balancing_skips_no_class_of_one_member() -> None:
    drawn = torch.cat(list(BalancedSampler([0] * 99 + [1], batch_size=10, generator=generator())))
    assert 30 <= int((drawn == 99).sum()) <= 70


def test_an_epoch_differs_from_the_next() -> None:
    for sampler in (
        ShuffleSampler(50, batch_size=50, generator=generator()),
        BalancedSampler([0, 1] * 25, batch_size=50, generator=generator()),
    ):
        assert not torch.equal(next(iter(sampler)), next(iter(sampler)))


@pytest.mark.parametrize(
    "make",
    [
        lambda g: ShuffleSampler(30, batch_size=7, generator=g),
        lambda g: BalancedSampler([0, 1, 1] * 10, batch_size=7, generator=g),
    ],
)
def test_the_same_generator_gives_the_same_batches_and_touches_no_other(
    make: Callable[[torch.Generator], ShuffleSampler],
) -> None:
    before = torch.get_rng_state()
    first, again, other = (torch.cat(list(make(generator(seed)))) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)


def test_labels_are_unchanged() -> None:
    y = np.array([2, 0, 1, 1])
    list(BalancedSampler(y, batch_size=2, generator=generator()))
    assert y.tolist() == [2, 0, 1, 1]


def test_more_samples_than_multinomial_can_take() -> None:
    """torch.multinomial stops at 2**24, and so do the places that a float32 in [0, 1) can name."""
    n = 2**24 + 10
    sampler = BalancedSampler(np.zeros(n, dtype=np.bool_), batch_size=n, generator=generator())
    drawn = next(iter(sampler))
    assert len(drawn) == n
    assert int(drawn.max()) > n - 20
    assert len(drawn.bincount()[1::2].nonzero()) > 0.6 * n / 2, "1 - 1/e of the odd indices are drawn"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ShuffleSampler(0, batch_size=1), "`n_samples` must be at least 1; got 0."),
        (lambda: ShuffleSampler(5, batch_size=0), "`batch_size` must be at least 1; got 0."),
        (lambda: BalancedSampler([0, 1], batch_size=-1), "`batch_size` must be at least 1; got -1."),
        (
            lambda: BalancedSampler([], batch_size=1),
            "`y` must hold one class for each of at least one sample; got shape (0,).",
        ),
        (
            lambda: BalancedSampler([[0, 1]], batch_size=1),
            "`y` must hold one class for each of at least one sample; got shape (1, 2).",
        ),
    ],
)
def test_wrong_options_are_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        make()
