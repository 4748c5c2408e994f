from __future__ import annotations

import numpy as np

from seqclf.datasets._morphology import draw_population
from seqclf.datasets._planning import plan_beats

N, S, V, F, Q = range(5)
NORMAL, ATRIAL, VENTRICULAR, PACED = range(4)
TARGET = np.repeat(np.arange(5), 400)
POPULATION = draw_population(np.random.default_rng(0), 48)
PLAN = plan_beats(np.random.default_rng(1), POPULATION, TARGET)


def test_each_class_is_made_of_its_kinds() -> None:
    assert PLAN.kind[::400].tolist() == [NORMAL, ATRIAL, VENTRICULAR, NORMAL, PACED]
    fusion = TARGET == F
    assert (PLAN.second_kind[fusion] == VENTRICULAR).all()
    assert ((PLAN.blend[fusion] > 0.2) & (PLAN.blend[fusion] < 0.8)).all()
    assert (PLAN.blend[(TARGET != F) & (TARGET != Q)] == 0).all()


def test_what_follows_comes_early_if_it_is_ectopic_and_late_after_a_pause() -> None:
    relative = PLAN.next_rr / PLAN.rr
    ectopic = np.isin(PLAN.next_kind, (ATRIAL, VENTRICULAR)) & (PLAN.next_rr > 0.25)
    assert (relative[ectopic] < 0.96).all()
    assert (relative[(TARGET == S) & (PLAN.next_kind == NORMAL)] >= 1.1).all()
    assert (PLAN.next_kind[TARGET == Q] == PACED).all()
    assert PLAN.next_rr.min() >= 0.25


def test_only_patients_of_the_class_give_its_beats() -> None:
    assert (POPULATION.share[TARGET, PLAN.patient] > 0).all()


def test_a_selection_keeps_each_beat_whole() -> None:
    part = PLAN.select(slice(3, 5))
    assert part.patient.tolist() == PLAN.patient[3:5].tolist()
    assert part.onset.tolist() == PLAN.onset[3:5].tolist()
