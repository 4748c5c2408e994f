"""Batches that read a file in blocks."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch

from sampling.samplers import generator
from seqclf.sampling import BlockShuffleSampler

N = 4000
LENGTHS = np.random.default_rng(0).integers(1, 40, size=N)


def sampler(seed: int = 0, **options: Any) -> BlockShuffleSampler:
    chosen = {"batch_size": 40, "steps_per_block": 1000, "n_mixed": 8} | options
    return BlockShuffleSampler(LENGTHS, generator=generator(seed), **chosen)


def test_blocks_are_read_one_after_another_or_some_at_a_time() -> None:
    for n_mixed in (1, 4):
        made = sampler(n_mixed=n_mixed)
        starts = np.array(made._block_starts(made.generator_of(0)))
        group_size = n_mixed * np.diff(starts).max()
        order = torch.cat(made.epoch_batches(0)).numpy()
        block = np.searchsorted(starts, order, side="right")
        for one in np.unique(block):
            places = np.flatnonzero(block == one)
            assert np.ptp(places) < group_size
        steps = np.bincount(block, LENGTHS[order])[1:]
        assert steps[1:-1].min() > 1000 - LENGTHS.max()
        assert steps.max() < 1000 + LENGTHS.max()


def test_within_a_group_and_between_groups_the_order_is_random() -> None:
    """Each sequence is drawn at each time equally often, and no pair of neighbours stays together."""
    epochs = 200
    places = np.empty((epochs, N))
    for epoch in range(epochs):
        places[epoch, torch.cat(sampler().epoch_batches(epoch)).numpy()] = np.arange(N) / N
    # Means of uniform numbers: the deviation of each is 0.289 / sqrt(epochs).
    assert np.abs(places.mean(axis=0) - 0.5).max() < 6 * 0.289 / np.sqrt(epochs)
    assert abs(places.std() - 0.289) < 0.01
    far = np.corrcoef(places[:, 0], places[:, N // 2])[0, 1]
    assert abs(far) < 0.25
    apart = np.abs(places[:, 0] - places[:, 1])
    assert apart.mean() > 0.25 * 8 * 1000 / LENGTHS.sum(), "a third of a group in the mean"


def test_more_mixed_blocks_bring_the_order_closer_to_a_uniform_one() -> None:
    """The share of the data from which the sequences of a batch come."""

    def spread(n_mixed: int) -> float:
        batches = sampler(n_mixed=n_mixed).epoch_batches(0)
        return float(np.mean([len(np.unique(batch.numpy() // 50)) for batch in batches]))

    spreads = [spread(n) for n in (1, 4, 16, 1000)]
    assert spreads == sorted(spreads)
    uniform = np.mean(
        [len(np.unique(batch // 50)) for batch in np.random.default_rng(0).permutation(N).reshape(-1, 40)]
    )
    assert abs(spreads[-1] - uniform) < 1


def test_blocks_have_other_borders_in_each_epoch() -> None:
    assert len({tuple(sampler()._block_starts(generator(seed))) for seed in range(5)}) == 5


def test_short_data_are_one_block() -> None:
    small = BlockShuffleSampler([3, 4], batch_size=2)
    assert sorted(next(iter(small)).tolist()) == [0, 1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps_per_block": 0}, "`steps_per_block` must be at least 1; got 0."),
        ({"n_mixed": 0}, "`n_mixed` must be at least 1; got 0."),
        ({"lengths": [1.5]}, "`lengths` must hold an integer for each of the 1 samples; got float64"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {"lengths": [1, 2], "batch_size": 1} | options
    with pytest.raises((ValueError, TypeError), match=re.escape(message)):
        BlockShuffleSampler(**arguments)
