"""Rare classes drawn more often."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.samplers import generator
from seqclf.sampling import BalancedSampler


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from("NSVFQ"), min_size=1, max_size=60), st.integers(1, 20), st.integers(0, 1000))
def test_an_epoch_has_as_many_draws_as_there_are_samples(y: list[str], batch_size: int, seed: int) -> None:
    drawn = torch.cat(list(BalancedSampler(y, batch_size=batch_size, generator=generator(seed))))
    assert len(drawn) == len(y)
    assert 0 <= int(drawn.min()) <= int(drawn.max()) < len(y)


@pytest.mark.parametrize("names", [[0, 1, 2], ["N", "S", "V"], [-3.0, 7.5, 11.0]])
def test_all_classes_are_drawn_equally_often_and_all_members_of_one(names: list[Any]) -> None:
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


@pytest.mark.parametrize("strength", [0.0, 0.3, 0.5, 0.8, 1.0])
def test_strength_leads_from_natural_to_equal_shares(strength: float) -> None:
    counts = np.array([9000, 900, 100])
    y = np.repeat([0, 1, 2], counts)
    sampler = BalancedSampler(y, strength=strength, batch_size=10_000, generator=generator())
    drawn = torch.cat([batch for _ in range(10) for batch in sampler]).numpy()
    expected = counts ** (1 - strength) / (counts ** (1 - strength)).sum()
    assert np.bincount(y[drawn]) / len(drawn) == pytest.approx(expected, abs=0.006), (
        "deviation 0.0016 at most"
    )


def test_half_strength_by_hand() -> None:
    """100 and 4 samples: shares as 10 to 2."""
    sampler = BalancedSampler([0] * 100 + [1] * 4, strength=0.5, batch_size=104, generator=generator())
    drawn = torch.cat([batch for _ in range(300) for batch in sampler])
    assert float((drawn >= 100).double().mean()) == pytest.approx(2 / 12, abs=0.01)


def test_no_class_of_one_member_is_skipped() -> None:
    drawn = torch.cat(list(BalancedSampler([0] * 99 + [1], batch_size=10, generator=generator())))
    assert 30 <= int((drawn == 99).sum()) <= 70


def test_more_samples_than_multinomial_can_take() -> None:
    """torch.multinomial stops at 2**24, and so do the places that a float32 in [0, 1) can name."""
    n = 2**24 + 10
    sampler = BalancedSampler(np.zeros(n, dtype=np.bool_), batch_size=n, generator=generator())
    drawn = next(iter(sampler))
    assert len(drawn) == n
    assert int(drawn.max()) > n - 20
    assert len(drawn.bincount()[1::2].nonzero()) > 0.6 * n / 2, "1 - 1/e of the odd indices are drawn"


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_a_strength_out_of_range_is_refused(strength: float) -> None:
    message = (
        f"`strength` must lie in [0, 1]; got {strength!r}. 0 draws naturally, 1 all classes equally often."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        BalancedSampler([0, 1], strength=strength, batch_size=1)
