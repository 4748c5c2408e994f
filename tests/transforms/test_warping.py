"""Smooth random distortions of amplitude and time."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqclf.sequences import as_sequences
from seqclf.transforms import MagnitudeWarp, TimeWarp
from transforms.kinds import generator


def ramp(n: int) -> list[float]:
    return [float(i) for i in range(n)]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=6),
    st.floats(0.0, 1.5),
    st.integers(2, 8),
    st.integers(0, 500),
)
def test_warped_time_is_increasing_and_keeps_its_ends(
    lengths: list[int], strength: float, knots: int, seed: int
) -> None:
    warped = TimeWarp(strength, knots=knots)(as_sequences([ramp(n) for n in lengths]), generator(seed))
    for n, one in zip(lengths, warped, strict=True):
        values = one[:, 0].numpy()
        assert values[0] == 0
        assert values[-1] == n - 1
        assert (np.diff(values) > 0).all()


def test_a_stronger_warp_moves_steps_further() -> None:
    many = as_sequences([ramp(101)] * 500)
    moved = [
        (TimeWarp(strength)(many, generator()).values - many.values).abs().mean().item()
        for strength in (0.05, 0.2, 0.5)
    ]
    assert moved == sorted(moved)
    assert 0.2 < moved[0] < moved[2] < 20


def test_all_features_are_warped_in_the_same_way() -> None:
    sequences = as_sequences([np.stack([np.arange(30.0), 5 - np.arange(30.0)], axis=1)])
    warped = TimeWarp(0.5)(sequences, generator()).values
    torch.testing.assert_close(warped[:, 0] + warped[:, 1], torch.full((30,), 5.0))


def test_a_warp_by_hand() -> None:
    """With two knots the log speed is linear from the first step to the last."""
    for seed in range(50):
        source = generator(seed)
        first, last = torch.empty(1, 2, 1).normal_(generator=source).flatten().tolist()
        warped = TimeWarp(0.7, knots=2)(as_sequences([ramp(3)]), generator(seed)).values.flatten().tolist()
        middle, end = math.exp(0.7 * (first + last) / 2), math.exp(0.7 * last)
        assert warped == pytest.approx([0.0, 2 * middle / (middle + end), 2.0], abs=1e-5)


def test_curves_have_mean_1_and_the_given_scale_at_their_knots() -> None:
    curves = MagnitudeWarp(0.2)(as_sequences([torch.ones(13, 1)] * 20_000), generator()).values.view(
        20_000, 13
    )
    assert curves.mean().item() == pytest.approx(1.0, abs=0.01)
    knots = curves[:, ::4]  # four knots on 13 steps
    assert knots.std(dim=0).tolist() == pytest.approx([0.2] * 4, rel=0.03)
    between = np.corrcoef(knots.numpy().T)
    assert np.abs(between - np.eye(4)).max() < 0.05, "knots are independent"


def test_curves_are_smooth_and_differ_by_sequence_and_feature() -> None:
    curves = MagnitudeWarp(1.0)(as_sequences([torch.ones(300, 2)] * 2), generator()).values.view(2, 300, 2)
    bends = curves.diff(dim=1).diff(dim=1).abs().max()
    assert bends < 0.01, "there is no corner at a knot"
    assert not torch.allclose(curves[0], curves[1])
    assert not torch.allclose(curves[..., 0], curves[..., 1])


def test_one_knot_is_refused() -> None:
    for kind in (MagnitudeWarp, TimeWarp):
        with pytest.raises(ValueError, match="`knots` must be at least 2; got 1"):
            kind(0.1, knots=1)
