from __future__ import annotations

import numpy as np

from seqclf.datasets._morphology import KINDS, WAVES, draw_population

POPULATION = draw_population(np.random.default_rng(0), 48)
P, R, SPIKE = WAVES.index("P"), WAVES.index("R"), WAVES.index("spike")
NORMAL, ATRIAL, VENTRICULAR, PACED = range(4)


def test_each_patient_has_all_waves_of_all_kinds() -> None:
    assert POPULATION.waves.shape == (48, len(KINDS), len(WAVES), 3)
    assert np.isfinite(POPULATION.waves).all()
    assert (POPULATION.waves[..., 2] > 0).all()


def test_kinds_differ_as_documented() -> None:
    amplitude, width = POPULATION.waves[..., 0], POPULATION.waves[..., 2]
    assert (amplitude[:, ATRIAL, P] <= 0).all()
    assert (amplitude[:, [VENTRICULAR, PACED], P] == 0).all()
    assert (amplitude[:, PACED, SPIKE] > 0).all()
    assert (amplitude[:, :PACED, SPIKE] == 0).all()
    assert np.median(width[:, VENTRICULAR, R] / width[:, NORMAL, R]) > 2


def test_paced_beats_come_from_the_paced_patients_only() -> None:
    np.testing.assert_allclose(POPULATION.share.sum(axis=1), 1)
    paced = POPULATION.share[4] > 0
    assert np.count_nonzero(paced) == 4
    assert (POPULATION.share[:4, paced] == 0).all()
    assert (POPULATION.share[:4, ~paced] > 0).all()


def test_every_population_includes_slow_and_fast_hearts() -> None:
    for seed in range(5):
        rr = draw_population(np.random.default_rng(seed), 48).rr
        assert 0.40 < rr.min() < 0.60
        assert 1.05 < rr.max() < 1.60
        assert 0.70 < np.median(rr) < 0.85
