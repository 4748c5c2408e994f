"""Random noise and random factors."""

from __future__ import annotations

import pytest
import torch

from seqclf.sequences import as_sequences
from seqclf.transforms import Jitter, Scale
from transforms.kinds import generator


def test_jitter_adds_white_noise_of_the_given_scale() -> None:
    noise = Jitter(0.5)(as_sequences([torch.zeros(50_000, 2)]), generator()).values
    assert noise.mean().item() == pytest.approx(0.0, abs=0.01)
    assert noise.std().item() == pytest.approx(0.5, rel=0.02)
    assert (noise[1:] * noise[:-1]).mean().item() == pytest.approx(0.0, abs=0.005)
    assert (noise[:, 0] * noise[:, 1]).mean().item() == pytest.approx(0.0, abs=0.005)


def test_scale_draws_one_factor_per_sequence_and_feature() -> None:
    changed = Scale(0.3)(as_sequences([torch.ones(3, 2), torch.ones(5, 2)]), generator())
    for one in changed:
        assert torch.equal(one, one[:1].expand_as(one))
    assert len(set(torch.cat([one[0] for one in changed]).tolist())) == 4


def test_factors_have_mean_1_and_the_given_standard_deviation() -> None:
    factors = Scale(0.3)(as_sequences(torch.ones(50_000, 1)), generator()).values
    assert factors.mean().item() == pytest.approx(1.0, abs=0.01)
    assert factors.std().item() == pytest.approx(0.3, rel=0.02)
