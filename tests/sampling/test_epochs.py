"""Epochs, seeds and processes: what all samplers have in common."""

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
from seqclf.sampling import BalancedSampler, ShuffleSampler, StratifiedBatchSampler
from seqclf.sampling._epochs import batch_sizes
from seqclf.training import LabelledSequences

every_sampler = pytest.mark.parametrize("make", SAMPLERS)
labels = st.lists(st.sampled_from("NSVFQ"), min_size=4, max_size=60)


@every_sampler
@settings(deadline=None, max_examples=40)
@given(labels, st.integers(5, 20), st.integers(0, 1000), st.integers(1, 3))
def test_processes_together_see_what_one_alone_would(
    make: Make, y: list[str], batch_size: int, seed: int, n: int
) -> None:
    alone = make(y, batch_size, seed, 0, n).epoch_batches(0)
    shares = [list(make(y, batch_size, seed, rank, n)) for rank in range(n)]
    assert {len(share) for share in shares} == {len(alone)} == {len(make(y, batch_size, seed, 0, n))}
    for whole, *parts in zip(alone, *shares, strict=True):
        assert all(len(part) for part in parts)
        assert sorted(whole.tolist()) == sorted(torch.cat(parts).tolist())


@every_sampler
@settings(deadline=None, max_examples=30)
@given(labels, st.integers(5, 20), st.integers(0, 1000))
def test_batches_are_indices_and_as_many_as_announced(
    make: Make, y: list[str], batch_size: int, seed: int
) -> None:
    sampler = make(y, batch_size, seed, 0, 1)
    batches = list(sampler)
    assert len(batches) == len(sampler)
    for batch in batches:
        assert batch.dtype == torch.int64
        assert 1 <= len(batch) <= batch_size
        assert 0 <= int(batch.min()) <= int(batch.max()) < len(y)


@every_sampler
def test_the_same_seed_gives_the_same_epochs_and_touches_nothing_else(make: Make) -> None:
    y = np.array([0, 1, 1, 2] * 10)
    before, state = y.copy(), global_randomness()
    first, again, other = ([b.tolist() for b in make(y, 8, seed, 0, 1)] for seed in (0, 0, 1))  # type: ignore[arg-type]
    assert first == again
    assert first != other
    assert np.array_equal(y, before)
    assert global_randomness() == state


@every_sampler
def test_epochs_differ_and_can_be_chosen(make: Make) -> None:
    y = [0, 1, 1, 2] * 10
    sampler = make(y, 8, 0, 0, 1)
    epochs = [[batch.tolist() for batch in sampler] for _ in range(4)]
    assert all(one != other for i, one in enumerate(epochs) for other in epochs[:i])
    resumed = make(y, 8, 0, 0, 1)
    resumed.set_epoch(2)
    assert [batch.tolist() for batch in resumed] == epochs[2]
    assert [batch.tolist() for batch in resumed] == epochs[3], "the count goes on from there"


@every_sampler
def test_a_data_loader_takes_it_either_way(make: Make) -> None:
    y = [0, 1] * 8
    sequences = as_sequences([[float(i)] * (i % 3 + 1) for i in range(16)])
    data = LabelledSequences(sequences=sequences, target=torch.tensor(y))
    expected = [batch.tolist() for batch in make(y, 5, 0, 0, 1)]
    whole: DataLoader[Any] = DataLoader(data, sampler=make(y, 5, 0, 0, 1), batch_size=None)  # type: ignore[arg-type]
    assert [[int(one[0, 0]) for one in batch.sequences] for batch in whole] == expected
    numbers: DataLoader[Any] = DataLoader(torch.arange(16), batch_sampler=make(y, 5, 0, 0, 1))  # type: ignore[arg-type]
    assert [batch.tolist() for batch in numbers] == expected


def test_no_seed_of_its_own_differs_each_time() -> None:
    first, other = (ShuffleSampler(100, batch_size=100).epoch_batches(0)[0].tolist() for _ in range(2))
    assert first != other


@pytest.mark.parametrize(
    ("n_draws", "batch_size", "num_replicas", "expected"),
    [
        (5, 2, 1, [2, 2, 1]),
        (4, 2, 1, [2, 2]),
        (9, 4, 2, [4, 5]),  # the ninth alone would leave one of two processes without an index
        (10, 4, 2, [4, 4, 2]),
        (3, 4, 2, [3]),
    ],
)
def test_sizes_of_batches_by_hand(
    n_draws: int, batch_size: int, num_replicas: int, expected: list[int]
) -> None:
    assert batch_sizes(n_draws, batch_size, num_replicas) == expected


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ShuffleSampler(9, batch_size=0), "`batch_size` must be at least 1; got 0."),
        (lambda: BalancedSampler([0, 1], batch_size=-1), "`batch_size` must be at least 1; got -1."),
        (
            lambda: ShuffleSampler(9, batch_size=4, rank=2, num_replicas=2, generator=generator()),
            "`rank` must lie below `num_replicas`=2; got 2.",
        ),
        (lambda: ShuffleSampler(9, batch_size=4, rank=-1), "`rank` must be at least 0; got -1."),
        (
            lambda: ShuffleSampler(9, batch_size=2, num_replicas=3, generator=generator()),
            "`batch_size` counts all processes together and must be at least `num_replicas`=3; got 2.",
        ),
        (
            lambda: StratifiedBatchSampler([0, 1] * 4, batch_size=4, num_replicas=2),
            "`generator` must be given with `num_replicas` > 1; got None. Seed it alike in every process",
        ),
        (
            lambda: ShuffleSampler(2, batch_size=4, num_replicas=3, generator=generator()),
            "There must be a sample for each of the 3 processes; got 2 in all.",
        ),
        (lambda: ShuffleSampler(9, batch_size=4).set_epoch(-1), "`epoch` must be at least 0; got -1."),
    ],
)
def test_wrong_options_are_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        make()
