from __future__ import annotations

import numpy as np

from seqclf.datasets._morphology import draw_population
from seqclf.datasets._planning import plan_beats

N, S, V, F, Q = range(5)
NORMAL, ATRIAL, VENTRICULAR, PACED = range(4)
TARGET = np.repeat(np.arange(5), 400)
POPULATION = draw_population(np.random.default_rng(0), 48)
PLAN = plan_beats(np.random.default_rng(1), POPULATION, TARGET)


def test_each_class_consists_of_its_kinds() -> None:
    assert PLAN.kind[::400].tolist() == [NORMAL, ATRIAL, VENTRICULAR, NORMAL, PACED]
    fusion = TARGET == F
    assert (PLAN.second_kind[fusion] == VENTRICULAR).all()
    assert ((PLAN.blend[fusion] > 0.2) & (PLAN.blend[fusion] < 0.8)).all()
    assert (PLAN.blend[(TARGET != F) & (TARGET != Q)] == 0).all()


def test_the_next_beat_is_early_if_ectopic_and_late_after_a_pause() -> None:
    relative = PLAN.next_rr / PLAN.rr
    ectopic = np.isin(PLAN.next_kind, (ATRIAL, VENTRICULAR)) & (PLAN.next_rr > 0.25)
    assert (relative[ectopic] < 0.96).all()
    assert (relative[(TARGET == S) & (PLAN.next_kind == NORMAL)] >= 1.1).all()
    assert (PLAN.next_kind[TARGET == Q] == PACED).all()
    assert PLAN.next_rr.min() >= 0.25


def test_beats_of_a_class_come_from_patients_with_a_share_in_it() -> None:
    assert (POPULATION.share[TARGET, PLAN.patient] > 0).all()


def test_a_selection_includes_all_fields() -> None:
    selected = PLAN.select(slice(3, 5))
    assert selected.patient.tolist() == PLAN.patient[3:5].tolist()
    assert selected.onset.tolist() == PLAN.onset[3:5].tolist()
