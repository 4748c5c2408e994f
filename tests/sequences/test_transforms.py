"""Random changes keep lengths and draw from their generator only."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqclf.sequences import Compose, Jitter, Scale, Sequences, Transform, as_sequences
from strategies import ragged_sequences

TRANSFORMS: list[Transform] = [Jitter(0.1), Scale(0.1), Compose([Scale(0.1), Jitter(0.1)])]


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("transform", TRANSFORMS)
@settings(deadline=None, max_examples=30)
@given(ragged_sequences(), st.integers(0, 1000))
def test_lengths_and_inputs_stay_and_the_same_seed_gives_the_same(
    transform: Transform, sequences: Sequences, seed: int
) -> None:
    before, state = sequences.values.clone(), torch.get_rng_state()
    changed = transform(sequences, generator(seed))
    assert torch.equal(changed.offsets, sequences.offsets)
    assert changed.values.shape == sequences.values.shape
    assert changed.values.dtype == torch.float32
    assert changed == transform(sequences, generator(seed))
    assert torch.equal(sequences.values, before)
    assert torch.equal(torch.get_rng_state(), state)


def test_a_scale_of_0_changes_nothing() -> None:
    sequences = as_sequences([[1.0, -2.0], [3.0]])
    for transform in (Jitter(0.0), Scale(0.0), Compose([]), Compose([Jitter(0.0), Scale(0.0)])):
        assert transform(sequences) == sequences


def test_jitter_is_white_noise_of_its_scale() -> None:
    noise = Jitter(0.5)(as_sequences([torch.zeros(50_000, 2)]), generator()).values
    assert noise.mean().item() == pytest.approx(0.0, abs=0.01)
    assert noise.std().item() == pytest.approx(0.5, rel=0.02)
    assert (noise[1:] * noise[:-1]).mean().item() == pytest.approx(0.0, abs=0.005)
    assert (noise[:, 0] * noise[:, 1]).mean().item() == pytest.approx(0.0, abs=0.005)


def test_scaling_has_one_factor_per_sequence_and_feature() -> None:
    changed = Scale(0.3)(as_sequences([torch.ones(3, 2), torch.ones(5, 2)]), generator())
    for one in changed:
        assert torch.equal(one, one[:1].expand_as(one))
    assert len(set(torch.cat([one[0] for one in changed]).tolist())) == 4


def test_factors_have_mean_1_and_the_scale_as_deviation() -> None:
    factors = Scale(0.3)(as_sequences(torch.ones(50_000, 1)), generator()).values
    assert factors.mean().item() == pytest.approx(1.0, abs=0.01)
    assert factors.std().item() == pytest.approx(0.3, rel=0.02)


def test_transforms_are_composed_in_their_order() -> None:
    def add(sequences: Sequences, generator: torch.Generator | None = None) -> Sequences:
        return sequences.with_values(sequences.values + 1)

    def double(sequences: Sequences, generator: torch.Generator | None = None) -> Sequences:
        return sequences.with_values(sequences.values * 2)

    assert Compose([add, double])(as_sequences([[1.0, 2.0]])).values.flatten().tolist() == [4.0, 6.0]
    assert Compose([double, add])(as_sequences([[1.0, 2.0]])).values.flatten().tolist() == [3.0, 5.0]


@pytest.mark.parametrize("kind", [Jitter, Scale])
@pytest.mark.parametrize("scale", [-0.1, float("nan")])
def test_a_negative_scale_is_refused(kind: Callable[[float], Transform], scale: float) -> None:
    message = f"`scale` must not be negative; got {scale!r}. 0 changes nothing."
    with pytest.raises(ValueError, match=re.escape(message)):
        kind(scale)
