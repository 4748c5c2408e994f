"""Transformers learn in blocks what they would learn at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from seqclf import MinMax, ZScore, as_sequences
from seqclf.sequences import LazySequences, Sequences
from seqclf.sequences import _lazy as lazy
from seqclf.transforms import FillMissing, Views

rng = np.random.default_rng(0)
LENGTHS = rng.integers(1, 30, size=60)


def data(*, missing: bool = False, offset: float = 0.0) -> Sequences:
    """Sequences with a constant feature, and one that is missing in the first ones."""
    parts = []
    for i, n in enumerate(LENGTHS):
        steps = rng.normal(size=(n, 3)) * (1 + i) + offset
        steps[:, 1] = 7.0
        if missing:
            steps[rng.random(n) < 0.3, 0] = np.nan
            steps[:, 2] = np.nan if i < 20 else steps[:, 2]
        parts.append(steps)
    return as_sequences(
        parts,
        static=rng.normal(size=(len(parts), 1)),
        dtype="float64",
        missing="keep" if missing else "error",
    )


TRANSFORMERS: list[tuple[Any, bool]] = [
    (ZScore(), False),
    (ZScore(missing="keep"), True),
    (ZScore(per="sequence", append_statistics=True), False),
    (MinMax(), False),
    (MinMax(missing="keep"), True),
    (Views(), False),
    (Views(missing="keep"), True),
    (FillMissing(), True),
]


@pytest.mark.parametrize(("transformer", "missing"), TRANSFORMERS, ids=lambda value: repr(value))
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_blocks_give_what_all_samples_give(
    transformer: Any, missing: bool, weighted: bool, offset: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    sequences = data(missing=missing, offset=offset)
    weights = rng.integers(0, 3, size=len(sequences)) if weighted else None
    whole = transformer.fit(sequences, sample_weight=weights).transform(sequences)
    monkeypatch.setattr(lazy, "STEPS_PER_BLOCK", 50)
    in_blocks = transformer.fit(sequences, sample_weight=weights).transform(sequences)
    unread = LazySequences(sequences, lambda batch: batch)
    of_lazy = transformer.fit(unread, sample_weight=weights).transform(sequences)
    for other in (in_blocks, of_lazy):
        torch.testing.assert_close(other.values, whole.values, rtol=1e-5, atol=1e-5, equal_nan=True)
        if whole.static is not None:
            torch.testing.assert_close(other.static, whole.static, rtol=1e-5, atol=1e-5)


def test_a_constant_stays_constant_over_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lazy, "STEPS_PER_BLOCK", 2)
    scaler = ZScore().fit([[0.1, 0.1]] * 9)
    assert scaler.scale_.tolist() == [0.0]
    assert scaler.transform([[0.1]]).values.tolist() == [[0.0]]
