"""One sampler of each kind, with a common signature."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from seqclf.sampling import (
    BalancedSampler,
    BlockShuffleSampler,
    EpochSampler,
    LengthBucketSampler,
    ShuffleSampler,
    StratifiedBatchSampler,
)

Make = Callable[[Sequence[object], int, int, int, int], EpochSampler]
"""Labels, batch size, seed, rank, number of processes -> sampler."""


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def lengths_of(n: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.random.default_rng(n).integers(1, 100, size=n)


def shuffle(y: Sequence[object], batch_size: int, seed: int = 0, rank: int = 0, n: int = 1) -> EpochSampler:
    return ShuffleSampler(len(y), batch_size=batch_size, generator=generator(seed), rank=rank, num_replicas=n)


def balanced(y: Sequence[object], batch_size: int, seed: int = 0, rank: int = 0, n: int = 1) -> EpochSampler:
    return BalancedSampler(
        np.asarray(y), batch_size=batch_size, generator=generator(seed), rank=rank, num_replicas=n
    )


def stratified(
    y: Sequence[object], batch_size: int, seed: int = 0, rank: int = 0, n: int = 1
) -> EpochSampler:
    return StratifiedBatchSampler(
        np.asarray(y), batch_size=batch_size, generator=generator(seed), rank=rank, num_replicas=n
    )


def bucketed(y: Sequence[object], batch_size: int, seed: int = 0, rank: int = 0, n: int = 1) -> EpochSampler:
    drawn = balanced(y, batch_size, seed, rank, n)
    return LengthBucketSampler(drawn, lengths_of(len(y)), pool_size=3, generator=generator(seed + 1))


def in_blocks(y: Sequence[object], batch_size: int, seed: int = 0, rank: int = 0, n: int = 1) -> EpochSampler:
    return BlockShuffleSampler(
        lengths_of(len(y)),
        batch_size=batch_size,
        steps_per_block=150,
        n_mixed=2,
        generator=generator(seed),
        rank=rank,
        num_replicas=n,
    )


SAMPLERS: list[Make] = [shuffle, balanced, stratified, bucketed, in_blocks]
