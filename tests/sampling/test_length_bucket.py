"""Batches of sequences of similar length."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.samplers import SAMPLERS, Make, generator, lengths_of
from seqclf.sampling import LengthBucketSampler, ShuffleSampler


def test_a_tiny_case_by_hand() -> None:
    lengths = [5, 1, 5, 1, 3, 3]
    sampler = LengthBucketSampler(ShuffleSampler(6, batch_size=2), lengths)
    assert sorted(sorted(batch.tolist()) for batch in sampler) == [[0, 2], [1, 3], [4, 5]]


@pytest.mark.parametrize("make", SAMPLERS[:3])
@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from("NSV"), min_size=1, max_size=60), st.integers(3, 9), st.integers(1, 5))
def test_it_draws_the_same_indices_as_the_wrapped_sampler(
    make: Make, y: list[str], batch_size: int, pool: int
) -> None:
    wrapped = make(y, batch_size, 0, 0, 1)
    sampler = LengthBucketSampler(wrapped, lengths_of(len(y)), pool_size=pool, generator=generator())
    drawn, expected = torch.cat(sampler.epoch_batches(3)), torch.cat(wrapped.epoch_batches(3))
    assert sorted(drawn.tolist()) == sorted(expected.tolist())
    assert len(sampler) == len(wrapped) == len(list(sampler))


def test_batches_need_less_padding_and_come_in_random_order() -> None:
    lengths = lengths_of(4000)
    plain = ShuffleSampler(4000, batch_size=50, generator=generator())
    bucketed = LengthBucketSampler(plain, lengths, pool_size=20, generator=generator(1))

    def padded_steps(sampler: Any) -> int:
        return sum(int(lengths[batch].max()) * len(batch) for batch in sampler.epoch_batches(0))

    assert padded_steps(bucketed) < 1.1 * lengths.sum()
    assert padded_steps(plain) > 1.8 * lengths.sum()
    means = [lengths[batch].mean() for batch in bucketed.epoch_batches(0)]
    assert abs(np.corrcoef(means[:-1], means[1:])[0, 1]) < 0.3, (
        "the length of a batch does not predict that of the next"
    )


def test_larger_pools_make_the_lengths_in_a_batch_more_similar() -> None:
    lengths = lengths_of(2000)
    spread = [
        np.mean([np.ptp(lengths[b]) for b in LengthBucketSampler(
            ShuffleSampler(2000, batch_size=20, generator=generator()), lengths, pool_size=pool
        )])
        for pool in (1, 3, 10, 100)
    ]  # fmt: skip
    assert spread == sorted(spread, reverse=True)


@pytest.mark.parametrize(
    ("error", "message", "options"),
    [
        (ValueError, "`pool_size` must be at least 1; got 0.", {"pool_size": 0}),
        (
            ValueError,
            "`lengths` must hold an integer for each of the 3 samples; got int64 of shape (2,). "
            "Pass one number of steps per sample.",
            {"lengths": [1, 2]},
        ),
        (
            ValueError,
            "`lengths` must hold an integer for each of the 3 samples; got float64 of shape (3,).",
            {"lengths": [0.5] * 3},
        ),
        (ValueError, "`lengths` must not be negative; got lengths[1]=-2.", {"lengths": [1, -2, 3]}),
        (
            TypeError,
            "`sampler` must be an EpochSampler; got list. Derive a custom sampler from "
            "seqclf.sampling.EpochSampler, whose `epoch_batches` is needed here.",
            {"sampler": [[0]]},
        ),
    ],
)
def test_wrong_options_are_refused(error: type[Exception], message: str, options: dict[str, Any]) -> None:
    arguments: dict[str, Any] = {"sampler": ShuffleSampler(3, batch_size=2), "lengths": [1, 2, 3]} | options
    with pytest.raises(error, match=re.escape(message)):
        LengthBucketSampler(**arguments)
