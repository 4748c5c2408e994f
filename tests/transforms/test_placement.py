"""Random start and end of a sequence."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch

from seqclf.sequences import as_sequences
from seqclf.transforms import Crop, Shift
from transforms.kinds import generator


def test_shifts_by_hand() -> None:
    """The five results of a shift by up to 2 are equally likely."""
    shifted = Shift(2)(as_sequences([[1.0, 2.0, 3.0]] * 5000), generator())
    results = Counter(tuple(one.flatten().tolist()) for one in shifted)
    assert set(results) == {(3, 3, 3), (2, 3, 3), (1, 2, 3), (1, 1, 2), (1, 1, 1)}
    assert min(results.values()) > 880, "1000 are expected, with a standard deviation of 28"


def test_features_are_shifted_together() -> None:
    sequences = as_sequences([np.stack([np.arange(9.0), np.arange(9.0)], axis=1)] * 20)
    values = Shift(3)(sequences, generator()).values
    assert torch.equal(values[:, 0], values[:, 1])


def test_crops_by_hand() -> None:
    """Of four steps at most two are removed: 4, 3 or 2 steps are kept equally often, at every position."""
    cropped = Crop(0.5)(as_sequences([[1.0, 2.0, 3.0, 4.0]] * 9000), generator())
    results = Counter(tuple(one.flatten().tolist()) for one in cropped)
    expected = {
        (1, 2, 3, 4): 1 / 3,
        (1, 2, 3): 1 / 6,
        (2, 3, 4): 1 / 6,
        (1, 2): 1 / 9,
        (2, 3): 1 / 9,
        (3, 4): 1 / 9,
    }
    assert {key: count / 9000 for key, count in results.items()} == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("strength", [0.1, 0.5, 0.99])
def test_no_more_steps_are_removed_than_allowed(strength: float) -> None:
    lengths = torch.arange(1, 101)
    cropped = Crop(strength)(as_sequences([torch.arange(float(n)) for n in lengths]), generator())
    assert (cropped.lengths >= 1).all()
    assert (cropped.lengths >= (1 - strength) * lengths - 1e-9).all()
    assert (cropped.lengths < lengths).any()
    for one in cropped:
        assert (one.diff(dim=0) == 1).all(), "steps are contiguous"
