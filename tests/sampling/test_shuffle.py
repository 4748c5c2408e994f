"""Batches that draw each index once per epoch."""

from __future__ import annotations

import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.samplers import generator
from seqclf.sampling import ShuffleSampler


def test_a_tiny_case_by_hand() -> None:
    sampler = ShuffleSampler(5, batch_size=2, generator=generator())
    batches = list(sampler)
    assert [len(batch) for batch in batches] == [2, 3]
    assert sorted(torch.cat(batches).tolist()) == [0, 1, 2, 3, 4]


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 200), st.integers(1, 60), st.integers(0, 1000))
def test_each_index_is_drawn_once_per_epoch(n_samples: int, batch_size: int, seed: int) -> None:
    sampler = ShuffleSampler(n_samples, batch_size=batch_size, generator=generator(seed))
    for _ in range(2):
        batches = list(sampler)
        assert all(len(batch) == batch_size for batch in batches[:-1])
        assert len(batches[-1]) >= min(2, batch_size, n_samples)
        assert sorted(torch.cat(batches).tolist()) == list(range(n_samples))


def test_every_order_is_equally_likely() -> None:
    sampler = ShuffleSampler(3, batch_size=3, generator=generator())
    orders = torch.stack([next(iter(sampler)) for _ in range(3000)]) @ torch.tensor([9, 3, 1])
    counts = torch.unique(orders, return_counts=True)[1]
    assert len(counts) == 6
    assert counts.min() > 400, "500 of each are expected, with a standard deviation of 20"


def test_zero_samples_are_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("`n_samples` must be at least 1; got 0.")):
        ShuffleSampler(0, batch_size=1)
