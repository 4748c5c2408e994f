from __future__ import annotations

import numpy as np
import pytest

from seqclf.datasets import _rendering
from seqclf.datasets._morphology import draw_population
from seqclf.datasets._planning import Plan, plan_beats
from seqclf.datasets._rendering import _gaussians, render


def test_a_beat_is_a_sum_of_gaussian_waves() -> None:
    time = np.array([[0.0, 1.0, 2.0]], dtype=np.float32)
    waves = np.array([[[2.0, 1.0, 0.5], [-1.0, 0.0, 1.0]]], dtype=np.float32)
    first = 2 * np.exp([-2.0, 0.0, -2.0])
    second = -np.exp([0.0, -0.5, -2.0])
    np.testing.assert_allclose(_gaussians(time, waves)[0], first + second, rtol=1e-6)


def test_beats_are_concatenated_and_scaled_to_0_to_1() -> None:
    rng = np.random.default_rng(0)
    population = draw_population(rng, 48)
    plan = plan_beats(rng, population, np.arange(5).repeat(4))
    lengths = np.arange(30, 50)
    values = render(rng, population, plan, lengths)
    assert values.dtype == np.float32
    for beat in np.split(values, np.cumsum(lengths)[:-1]):
        assert beat.min() == 0
        assert beat.max() == 1


def test_the_last_chunk_may_be_smaller() -> None:
    rng = np.random.default_rng(0)
    population = draw_population(rng, 48)
    n = _rendering._CHUNK + 3
    plan = plan_beats(rng, population, np.zeros(n, dtype=np.int64))
    assert render(rng, population, plan, np.full(n, 26)).shape == (26 * n,)


def test_a_fusion_beat_is_the_weighted_sum_of_two_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_rendering, "_BEAT_SPREAD", (0.0, 0.0, 0.0))
    rng = np.random.default_rng(0)
    three = np.zeros(3, dtype=np.int64)
    plan = Plan(
        patient=three,
        kind=np.array([0, 2, 0]),
        second_kind=np.array([0, 2, 2]),
        blend=np.array([0.0, 0.0, 0.25]),
        next_kind=three,
        rr=np.ones(3),
        next_rr=np.full(3, 9.0),  # after the last step
        has_next_p=np.ones(3, dtype=bool),
        onset=np.zeros(3),
    )
    normal, ventricular, fusion = _rendering._waves(rng, draw_population(rng, 48), plan)
    np.testing.assert_allclose(fusion, 0.75 * normal + 0.25 * ventricular, atol=1e-5)
