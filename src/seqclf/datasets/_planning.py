"""Random plan of the beats to simulate: patient, kind, and the time and kind of the next beat."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from seqclf.datasets._morphology import FloatArray, Population

_N, _S, _V, _F, _Q = range(5)
_NORMAL, _ATRIAL, _VENTRICULAR, _PACED = range(4)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """Beats to render; arrays have one entry for each."""

    patient: NDArray[np.int64]
    kind: NDArray[np.int64]  # index into KINDS
    second_kind: NDArray[np.int64]  # kind that it is blended with
    blend: FloatArray  # share of the second kind
    next_kind: NDArray[np.int64]
    rr: FloatArray  # median RR interval (s)
    next_rr: FloatArray  # time to the next beat (s)
    has_next_p: NDArray[np.bool_]
    onset: FloatArray  # time from the R peak to the first step (s): annotations are not exact

    def select(self, beats: slice) -> Plan:
        """Return the plan of some of the beats."""
        return Plan(**{field.name: getattr(self, field.name)[beats] for field in fields(self)})


def plan_beats(rng: Generator, population: Population, target: NDArray[np.int64]) -> Plan:
    """Draw the patient and kind of each beat, and the next beat."""
    n = len(target)
    patient = np.empty(n, dtype=np.int64)
    for label in range(5):
        of_class = target == label
        patient[of_class] = rng.choice(
            len(population.rr), np.count_nonzero(of_class), p=population.share[label]
        )
    kind = np.array([_NORMAL, _ATRIAL, _VENTRICULAR, _NORMAL, _PACED])[target]
    rr = population.rr[patient] * np.exp(rng.normal(0, 0.05, n))  # the rate of a patient varies
    next_rr = rr * (1 + population.rr_spread[patient] * rng.normal(0, 1, n))
    next_kind = np.where(kind == _PACED, _PACED, _NORMAL)
    chance = rng.uniform(size=n)
    span = rng.uniform(size=n)

    def follow(where: NDArray[np.bool_], kind: int, low: float, high: float) -> None:
        next_kind[where] = kind
        next_rr[where] = (rr * (low + (high - low) * span))[where]

    is_n, is_s, is_v = target == _N, target == _S, target == _V
    follow(is_n & (chance < 0.05), _VENTRICULAR, 0.55, 0.85)
    follow(is_n & (chance > 0.995), _ATRIAL, 0.60, 0.88)
    follow(is_s & (chance < 0.50), _ATRIAL, 0.60, 0.86)  # a run of atrial beats
    follow(is_s & (chance >= 0.50), _NORMAL, 1.10, 1.50)  # a pause
    follow(is_v & (chance < 0.18), _VENTRICULAR, 0.50, 0.95)  # a couplet or a run
    follow(is_v & (chance > 0.28), _NORMAL, 1.00, 1.65)  # a pause
    follow((target == _F) & (chance < 0.25), _VENTRICULAR, 0.75, 0.95)
    # F is between normal and ventricular; one paced beat in eight is fused with a normal one.
    second_kind = np.where(target == _F, _VENTRICULAR, np.where(target == _Q, _NORMAL, kind))
    blend = np.where(target == _F, 0.25 + 0.5 * rng.beta(2, 2, n), 0.0)
    blend = np.where((target == _Q) & (chance < 0.12), rng.uniform(0.3, 0.8, n), blend)
    return Plan(
        patient=patient,
        kind=kind,
        second_kind=second_kind,
        blend=blend,
        next_kind=next_kind,
        rr=rr,
        next_rr=np.maximum(next_rr, 0.25),
        has_next_p=rng.uniform(size=n) > 0.03,
        onset=rng.normal(0, 1, n) * np.where(target == _V, 0.018, 0.006),
    )


def previous_intervals(
    rng: Generator, population: Population, plan: Plan, target: NDArray[np.int64]
) -> FloatArray:
    """Draw the interval before each beat: short for premature beats, regular for others."""
    n = len(target)
    regular = 1 + population.rr_spread[plan.patient] * rng.normal(0, 1, n)
    low = np.array([np.nan, 0.60, 0.50, 0.75, np.nan])[target]
    high = np.array([np.nan, 0.86, 0.90, 0.95, np.nan])[target]
    premature = low + (high - low) * rng.uniform(size=n)
    previous: FloatArray = np.maximum(plan.rr * np.where(np.isnan(low), regular, premature), 0.25)
    return previous
