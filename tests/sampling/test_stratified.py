"""Batches that hold every class."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.samplers import generator
from seqclf.sampling import StratifiedBatchSampler


def test_a_tiny_case_by_hand() -> None:
    """18 and 2 samples in batches of 6: 3 batches hold 18 < 18 + 3 draws, 4 batches hold 24 >= 18 + 4."""
    y = torch.tensor([0] * 18 + [1] * 2)
    batches = list(StratifiedBatchSampler(y, batch_size=6, generator=generator()))
    assert sorted(y[batch].bincount().tolist() for batch in batches) == [[4, 1], [4, 1], [5, 1], [5, 1]]
    assert torch.cat(batches).bincount().tolist() == [1] * 18 + [2, 2]


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=80), st.integers(5, 20), st.integers(0, 1000))
def test_class_frequencies_coverage_and_batch_sizes(y: list[int], batch_size: int, seed: int) -> None:
    labels = np.unique(np.array(y), return_inverse=True)[1]
    counts = np.bincount(labels)
    batches = [
        b.numpy() for b in StratifiedBatchSampler(labels, batch_size=batch_size, generator=generator(seed))
    ]
    n = len(batches)
    for batch in batches:
        of_class = np.bincount(labels[batch], minlength=len(counts))
        exact = np.maximum(counts, n) / n
        assert (of_class >= 1).all()
        assert (of_class >= np.floor(exact)).all()
        assert (of_class <= np.ceil(exact)).all()
    sizes = {len(batch) for batch in batches}
    assert max(sizes) <= batch_size
    assert max(sizes) - min(sizes) <= 1
    times = np.bincount(np.concatenate(batches), minlength=len(y))
    for code, count in enumerate(counts):
        own = times[labels == code]
        assert own.sum() == max(count, n)
        assert own.min() >= 1
        assert own.max() - own.min() <= 1
    fewer = n - 1
    assert not fewer or np.maximum(counts, fewer).sum() > fewer * batch_size, (
        "there are no more batches than needed"
    )


def test_repeated_samples_are_drawn_at_random() -> None:
    y = [0] * 30 + [1] * 4
    sampler = StratifiedBatchSampler(y, batch_size=6, generator=generator())
    n = len(sampler)
    assert n % 4, "some samples are drawn once more than others"
    extra = torch.zeros(4)
    for _ in range(400):
        extra += torch.cat(list(sampler)).bincount(minlength=34)[30:] - n // 4
    expected = 400 * (n % 4) / 4
    assert extra.tolist() == pytest.approx([expected] * 4, abs=0.15 * 400)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"batch_size": 2},
            "`batch_size` must be at least 3, the number of classes, so that every batch can hold each; got 2.",
        ),
        (
            {"batch_size": 4, "num_replicas": 4, "generator": generator()},
            "Every batch must hold an index for each of the 4 processes; got 7 indices in 2 batches. Use fewer processes.",
        ),
    ],
)
def test_a_batch_size_that_does_not_fit_is_refused(options: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        StratifiedBatchSampler([0, 1, 2, 0, 0], **options)  # type: ignore[arg-type]
