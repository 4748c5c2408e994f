"""A slow wave added to the signal."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch

from seqclf.sequences import as_sequences
from seqclf.transforms import BaselineWander
from transforms.kinds import generator


def test_it_adds_a_sine_with_a_period_in_the_range() -> None:
    """For a sine, the sum of the two neighbours of a value is 2 cos(2 pi / period) times the value."""
    wave = BaselineWander(1.0, period=(20.0, 80.0))(as_sequences([torch.zeros(400, 1)] * 200), generator())
    for one in wave:
        values = one[:, 0].double().numpy()
        ratio = values[1:-1] @ (values[2:] + values[:-2]) / (values[1:-1] @ values[1:-1])
        period = 2 * np.pi / np.arccos(min(ratio / 2, 1.0))
        assert 19 < period < 82
        np.testing.assert_allclose(values[2:] + values[:-2], ratio * values[1:-1], atol=1e-4)


def test_amplitudes_have_the_given_scale_and_phases_are_uniform() -> None:
    start = BaselineWander(0.3)(as_sequences([torch.zeros(1, 1)] * 50_000), generator()).values
    assert start.mean().item() == pytest.approx(0.0, abs=0.005)
    assert start.std().item() == pytest.approx(0.3 / 2**0.5, rel=0.02), "the mean square of a sine is 1/2"


def test_the_median_period_is_the_geometric_mean() -> None:
    sequences = as_sequences(torch.zeros(4000, 400, 1), padding_value=None)
    waves = BaselineWander(1.0, period=(20.0, 80.0))(sequences, generator()).values.view(4000, 400).double()
    ratio = (waves[:, 1:-1] * (waves[:, 2:] + waves[:, :-2])).sum(1) / waves[:, 1:-1].square().sum(1)
    period = 2 * torch.pi / (ratio / 2).clamp(max=1).acos()
    assert (period < 40).double().mean().item() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("period", [(0.0, 5.0), (9.0, 3.0), (1.0, float("inf"))])
def test_an_invalid_period_is_refused(period: tuple[float, float]) -> None:
    message = (
        "`period` must be the shortest and the longest period in steps, both positive and finite; "
        f"got {period!r}. (50, 500) is the default."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        BaselineWander(period=period)
