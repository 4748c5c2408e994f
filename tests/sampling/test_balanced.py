"""Batches that draw rare classes more often."""

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
def test_an_epoch_draws_as_many_indices_as_there_are_samples(
    y: list[str], batch_size: int, seed: int
) -> None:
    drawn = torch.cat(list(BalancedSampler(y, batch_size=batch_size, generator=generator(seed))))
    assert len(drawn) == len(y)
    assert 0 <= int(drawn.min()) <= int(drawn.max()) < len(y)


@pytest.mark.parametrize("names", [[0, 1, 2], ["N", "S", "V"], [-3.0, 7.5, 11.0]])
def test_classes_and_members_of_a_class_are_drawn_equally_often(names: list[Any]) -> None:
    counts = np.array([9000, 900, 100])
    y = np.repeat(np.array(names), counts)
    np.random.default_rng(0).shuffle(y)
    drawn = torch.cat(list(BalancedSampler(y, batch_size=64, generator=generator()))).numpy()
    shares = [np.mean(y[drawn] == name) for name in names]
    assert shares == pytest.approx([1 / 3] * 3, abs=0.02)
    # Each of the 100 rare members is drawn 33 times on average; for a Poisson variable 12 and 60 are over 3.5 deviations off.
    times = np.bincount(drawn, minlength=len(y))[y == names[2]]
    assert times.min() >= 12
    assert times.max() <= 60


@pytest.mark.parametrize("strength", [0.0, 0.3, 0.5, 0.8, 1.0])
def test_strength_interpolates_between_natural_and_equal_frequencies(strength: float) -> None:
    counts = np.array([9000, 900, 100])
    y = np.repeat([0, 1, 2], counts)
    sampler = BalancedSampler(y, strength=strength, batch_size=10_000, generator=generator())
    drawn = torch.cat([batch for _ in range(10) for batch in sampler]).numpy()
    expected = counts ** (1 - strength) / (counts ** (1 - strength)).sum()
    assert np.bincount(y[drawn]) / len(drawn) == pytest.approx(expected, abs=0.006), (
        "the standard deviation is at most 0.0016"
    )


def test_half_strength_by_hand() -> None:
    """100 and 4 samples are drawn in the ratio 10 to 2."""
    sampler = BalancedSampler([0] * 100 + [1] * 4, strength=0.5, batch_size=104, generator=generator())
    drawn = torch.cat([batch for _ in range(300) for batch in sampler])
    assert float((drawn >= 100).double().mean()) == pytest.approx(2 / 12, abs=0.01)


def test_a_class_with_one_member_is_also_drawn() -> None:
    drawn = torch.cat(list(BalancedSampler([0] * 99 + [1], batch_size=10, generator=generator())))
    assert 30 <= int((drawn == 99).sum()) <= 70


def test_more_samples_than_multinomial_accepts_are_supported() -> None:
    """torch.multinomial accepts 2**24 categories, and float32 has 2**24 values in [0, 1)."""
    n = 2**24 + 10
    sampler = BalancedSampler(np.zeros(n, dtype=np.bool_), batch_size=n, generator=generator())
    drawn = next(iter(sampler))
    assert len(drawn) == n
    assert int(drawn.max()) > n - 20
    assert len(drawn.bincount()[1::2].nonzero()) > 0.6 * n / 2, "1 - 1/e of the odd indices are expected"


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_a_strength_out_of_range_is_refused(strength: float) -> None:
    message = (
        f"`strength` must lie in [0, 1]; got {strength!r}. 0 keeps the class frequencies, 1 draws all classes "
        "equally often."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        BalancedSampler([0, 1], strength=strength, batch_size=1)
