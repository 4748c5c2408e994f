"""Epochs, seeds and processes: properties of all samplers, and of a custom one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from oracles import global_randomness
from sampling.samplers import SAMPLERS, Make, generator
from seqclf import as_sequences
from seqclf.sampling import (
    BalancedSampler,
    EpochSampler,
    LengthBucketSampler,
    ShuffleSampler,
    StratifiedBatchSampler,
)
from seqclf.sampling._epoch_sampler import batch_sizes
from seqclf.training import LabelledSequences

every_sampler = pytest.mark.parametrize("make", SAMPLERS)
labels = st.lists(st.sampled_from("NSVFQ"), min_size=4, max_size=60)


@every_sampler
@settings(deadline=None, max_examples=40)
@given(labels, st.integers(5, 20), st.integers(0, 1000), st.integers(1, 3))
def test_the_shares_of_all_processes_add_up_to_the_batches_of_one(
    make: Make, y: list[str], batch_size: int, seed: int, n: int
) -> None:
    alone = make(y, batch_size, seed, 0, n).epoch_batches(0)
    shares = [list(make(y, batch_size, seed, rank, n)) for rank in range(n)]
    assert {len(share) for share in shares} == {len(alone)} == {len(make(y, batch_size, seed, 0, n))}
    for batch, *of_ranks in zip(alone, *shares, strict=True):
        assert all(len(share) for share in of_ranks)
        assert sorted(batch.tolist()) == sorted(torch.cat(of_ranks).tolist())


@every_sampler
@settings(deadline=None, max_examples=30)
@given(labels, st.integers(5, 20), st.integers(0, 1000))
def test_batches_hold_valid_indices_and_their_number_is_the_length(
    make: Make, y: list[str], batch_size: int, seed: int
) -> None:
    sampler = make(y, batch_size, seed, 0, 1)
    batches = list(sampler)
    assert len(batches) == len(sampler)
    for batch in batches:
        assert batch.dtype == torch.int64
        assert len(batch) >= min(2, len(y))
        assert len(batch) <= batch_size + 1, "a last index alone joins the batch before it"
        assert 0 <= int(batch.min()) <= int(batch.max()) < len(y)


@every_sampler
def test_the_same_seed_gives_the_same_epochs_without_side_effects(make: Make) -> None:
    y = np.array([0, 1, 1, 2] * 10)
    before, state = y.copy(), global_randomness()
    first, again, other = ([b.tolist() for b in make(y, 8, seed, 0, 1)] for seed in (0, 0, 1))  # type: ignore[arg-type]
    assert first == again
    assert first != other
    assert np.array_equal(y, before)
    assert global_randomness() == state


@every_sampler
def test_epochs_differ_and_can_be_set(make: Make) -> None:
    y = [0, 1, 1, 2] * 10
    sampler = make(y, 8, 0, 0, 1)
    epochs = [[batch.tolist() for batch in sampler] for _ in range(4)]
    assert all(one != other for i, one in enumerate(epochs) for other in epochs[:i])
    resumed = make(y, 8, 0, 0, 1)
    resumed.set_epoch(2)
    assert [batch.tolist() for batch in resumed] == epochs[2]
    assert [batch.tolist() for batch in resumed] == epochs[3], "later epochs follow"


@every_sampler
def test_a_data_loader_accepts_it_as_sampler_and_as_batch_sampler(make: Make) -> None:
    y = [0, 1] * 8
    sequences = as_sequences([[float(i)] * (i % 3 + 1) for i in range(16)])
    data = LabelledSequences(sequences=sequences, target=torch.tensor(y))
    expected = [batch.tolist() for batch in make(y, 5, 0, 0, 1)]
    whole: DataLoader[Any] = DataLoader(data, sampler=make(y, 5, 0, 0, 1), batch_size=None)  # type: ignore[arg-type]
    assert [[int(one[0, 0]) for one in batch.sequences] for batch in whole] == expected
    numbers: DataLoader[Any] = DataLoader(torch.arange(16), batch_sampler=make(y, 5, 0, 0, 1))  # type: ignore[arg-type]
    assert [batch.tolist() for batch in numbers] == expected


def test_samplers_without_a_generator_differ() -> None:
    first, other = (ShuffleSampler(100, batch_size=100).epoch_batches(0)[0].tolist() for _ in range(2))
    assert first != other


@pytest.mark.parametrize(
    ("n_draws", "batch_size", "num_replicas", "expected"),
    [
        (5, 2, 1, [2, 3]),  # batch normalisation needs two
        (5, 3, 1, [3, 2]),
        (4, 2, 1, [2, 2]),
        (9, 4, 2, [4, 5]),  # the ninth index alone would leave one of two processes without any
        (10, 4, 2, [4, 6]),
        (3, 4, 2, [3]),
    ],
)
def test_batch_sizes_by_hand(n_draws: int, batch_size: int, num_replicas: int, expected: list[int]) -> None:
    assert batch_sizes(n_draws, batch_size, num_replicas) == expected


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ShuffleSampler(9, batch_size=0), "`batch_size` must be at least 1; got 0."),
        (lambda: BalancedSampler([0, 1], batch_size=-1), "`batch_size` must be at least 1; got -1."),
        (
            lambda: ShuffleSampler(9, batch_size=4, rank=2, num_replicas=2, generator=generator()),
            "`rank` must be below `num_replicas`=2; got 2.",
        ),
        (lambda: ShuffleSampler(9, batch_size=4, rank=-1), "`rank` must be at least 0; got -1."),
        (
            lambda: ShuffleSampler(9, batch_size=2, num_replicas=3, generator=generator()),
            "`batch_size` counts all processes together and must be at least `num_replicas`=3; got 2.",
        ),
        (
            lambda: StratifiedBatchSampler([0, 1] * 4, batch_size=4, num_replicas=2),
            "`generator` must be given with `num_replicas` > 1; got None. Use the same seed in every process",
        ),
        (
            lambda: ShuffleSampler(2, batch_size=4, num_replicas=3, generator=generator()),
            "There must be at least one sample per process; got 2 samples for 3 processes. Use fewer processes.",
        ),
        (lambda: ShuffleSampler(9, batch_size=4).set_epoch(-1), "`epoch` must be at least 0; got -1."),
    ],
)
def test_wrong_options_are_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        make()


class LastFirst(EpochSampler):
    """Draws the indices in descending order, each epoch rotated by one more."""

    def epoch_batches(self, epoch: int) -> list[torch.Tensor]:
        return list(torch.split(torch.arange(self.n_samples).flip(0).roll(epoch), self.batch_size))

    def __len__(self) -> int:
        return -(-self.n_samples // self.batch_size)


def test_a_custom_sampler_needs_two_methods() -> None:
    sampler = LastFirst(5, batch_size=2)
    assert [batch.tolist() for batch in sampler] == [[4, 3], [2, 1], [0]]
    assert [batch.tolist() for batch in sampler] == [[0, 4], [3, 2], [1]]
    with pytest.raises(TypeError, match="abstract"):
        EpochSampler(5, batch_size=2)  # type: ignore[abstract]


def test_a_custom_sampler_is_divided_among_processes() -> None:
    of_ranks = [
        LastFirst(6, batch_size=4, rank=rank, num_replicas=2, generator=generator()) for rank in (0, 1)
    ]
    assert [[batch.tolist() for batch in sampler] for sampler in of_ranks] == [[[5, 3], [1]], [[4, 2], [0]]]


def test_a_custom_sampler_is_bucketed_by_length() -> None:
    lengths = [5, 1, 5, 1, 3, 3]
    bucketed = LengthBucketSampler(LastFirst(6, batch_size=2), lengths)
    assert sorted(sorted(batch.tolist()) for batch in bucketed) == [[0, 2], [1, 3], [4, 5]]


def test_a_batch_too_small_for_all_processes_is_refused() -> None:
    sampler = LastFirst(5, batch_size=2, num_replicas=2, generator=generator())
    message = (
        "Every batch must hold at least 2 indices, one per process; got a batch of 1. "
        "Let `epoch_batches` of LastFirst add it to another batch."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        iter(sampler)


def test_the_generator_of_an_epoch_depends_on_seed_and_epoch_only() -> None:
    def draw(seed: int, epoch: int) -> float:
        sampler = LastFirst(5, batch_size=2, generator=generator(seed))
        return float(torch.rand(1, generator=sampler.generator_of(epoch)))

    assert draw(0, 3) == draw(0, 3)
    assert len({draw(seed, epoch) for seed in (0, 1) for epoch in (0, 1)}) == 4


def test_numpy_integers_are_accepted() -> None:
    sampler = ShuffleSampler(np.int64(4), batch_size=np.int64(2))  # type: ignore[arg-type]
    sampler.set_epoch(np.int64(3))  # type: ignore[arg-type]
    assert sorted(torch.cat(list(sampler)).tolist()) == [0, 1, 2, 3]
    assert type(sampler.batch_size) is int
