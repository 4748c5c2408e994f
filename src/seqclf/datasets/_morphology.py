"""Shapes of the waves of simulated patients."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

KINDS: Final = ("normal", "atrial", "ventricular", "paced")
"""Kinds of beats: S beats are atrial, V ventricular, Q paced; F beats blend normal and ventricular."""

WAVES: Final = ("P", "Q", "R", "S", "T rise", "T fall", "spike")
"""The waves of a beat. A T wave falls more steeply than it rises, so it is the sum of two."""

# Amplitude (mV), centre (s after the R peak) and width (s) of each wave of a typical patient.
_TYPICAL: Final = {
    "normal": (
        (0.13, -0.165, 0.022), (-0.10, -0.034, 0.009), (1.20, 0.0, 0.0125), (-0.22, 0.034, 0.0115),
        (0.16, 0.225, 0.050), (0.14, 0.285, 0.030), (0.0, -0.020, 0.003),
    ),
    "atrial": (
        (-0.08, -0.120, 0.020), (-0.08, -0.034, 0.009), (1.15, 0.0, 0.0135), (-0.26, 0.036, 0.014),
        (0.13, 0.215, 0.050), (0.11, 0.275, 0.032), (0.0, -0.020, 0.003),
    ),
    "ventricular": (
        (0.0, -0.165, 0.022), (0.25, -0.045, 0.020), (1.50, 0.0, 0.034), (-0.20, 0.085, 0.030),
        (-0.42, 0.225, 0.060), (-0.30, 0.300, 0.042), (0.0, -0.020, 0.003),
    ),
    "paced": (
        (0.0, -0.165, 0.022), (0.25, 0.010, 0.010), (1.10, 0.022, 0.028), (-0.70, 0.100, 0.034),
        (0.34, 0.300, 0.075), (0.26, 0.380, 0.045), (0.55, 0.0, 0.005),
    ),
}  # fmt: skip

# Standard deviation between patients: of log amplitude, centre (s), log width.
_SPREAD: Final = (0.35, 0.010, 0.14)
_LOG_RR: Final = (-0.235, 0.215)  # mean and standard deviation between patients of log RR (s): median 0.79 s
_LOG_RR_PACED: Final = (-0.190, 0.025)
_N_PACED: Final = 4  # of 48 patients, as in the MIT-BIH database


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Population:
    """Simulated patients; arrays have one row for each."""

    waves: FloatArray  # (n_patients, kind, wave, 3): amplitude (mV), centre (s), width (s)
    rr: FloatArray  # (n_patients,), median RR interval (s)
    rr_spread: FloatArray  # relative standard deviation of RR intervals
    noise: FloatArray  # (n_patients,), standard deviation of the noise (mV)
    wander: FloatArray  # (n_patients,), amplitude of the baseline wander (mV)
    share: FloatArray  # (class, n_patients): share of each patient in the beats of a class


def draw_population(rng: Generator, n_patients: int) -> Population:
    """Draw patients: most in sinus rhythm, some with atrial fibrillation, bundle branch block or a pacemaker."""
    # Evenly spaced quantiles: every population includes slow and fast hearts.
    quantiles = (rng.permutation(n_patients) + rng.uniform(0.2, 0.8, n_patients)) / n_patients
    z = np.array([NormalDist().inv_cdf(q) for q in quantiles])
    paced = np.arange(n_patients) >= n_patients - max(1, round(n_patients * _N_PACED / 48))
    mean, spread = np.where(paced[:, None], _LOG_RR_PACED, _LOG_RR).T
    rr = np.exp(mean + spread * z)
    fibrillating = ~paced & (rng.permutation(n_patients) < n_patients * 0.17)
    waves = _draw_waves(rng, n_patients)
    waves[:, :, :, 1] *= np.where(
        waves[:, :, :, 1] > 0.15, np.sqrt(rr / 0.8)[:, None, None], 1
    )  # Bazett: QT ~ RR^0.5
    waves[fibrillating, :2, 0, 0] *= 0.1  # no P wave
    _block_branches(rng, waves)
    return Population(
        waves=waves,
        rr=rr,
        rr_spread=np.where(
            fibrillating, 0.17, np.where(paced, 0.015, np.exp(rng.normal(-3.3, 0.5, n_patients)))
        ),
        noise=np.exp(rng.normal(-4.4, 0.5, n_patients)),
        wander=np.exp(rng.normal(-3.1, 0.6, n_patients)),
        share=_draw_shares(rng, rr, paced, fibrillating, upright=waves[:, 2, 2, 0] > 0),
    )


def _draw_waves(rng: Generator, n_patients: int) -> FloatArray:
    typical = np.array([_TYPICAL[kind] for kind in KINDS])
    shape = (n_patients, *typical.shape[:2])
    waves = np.broadcast_to(typical, (n_patients, *typical.shape)).copy()
    waves[..., 0] *= np.exp(rng.normal(0, _SPREAD[0], shape))
    waves[..., 1] += rng.normal(0, _SPREAD[1], shape) * np.minimum(np.abs(waves[..., 1]) / 0.1, 1)
    waves[..., 2] *= np.exp(rng.normal(0, _SPREAD[2], shape))
    # An atrial beat is conducted through the same ventricles: its QRS and T are slightly modified normal ones.
    own = waves[:, 0, 1:, 0]
    waves[:, 1, 1:] = waves[:, 0, 1:]
    waves[:, 1, 1:, 0] = own * np.exp(rng.normal(-0.10, 0.20, own.shape))
    waves[:, 1, 1:4, 2] *= np.exp(np.abs(rng.normal(0.10, 0.15, (n_patients, 1))))
    # In some patients ventricular beats are inverted: negative QRS, positive T.
    inverted = rng.uniform(size=n_patients) < 0.3
    waves[inverted, 2, :, 0] *= -1
    # Flat or inverted T waves are common in Holter patients.
    flat = rng.uniform(size=n_patients) < 0.2
    waves[flat, :2, 4:6, 0] *= rng.uniform(-0.8, 0.3, (np.count_nonzero(flat), 1, 1))
    # Paced beats have one of two shapes: a deep S wave, or a plateau after a tall spike.
    waves[::2, 3, 2:6, 0] *= (0.55, 0.2, 0.35, 0.35)
    waves[::2, 3, 2, 1] += 0.020
    waves[1::2, 3, 6, 0] *= rng.uniform(0.1, 1.0, len(waves[1::2]))
    return waves


def _block_branches(rng: Generator, waves: FloatArray) -> None:
    """Give one patient in five a bundle branch block: a wide QRS that is not ventricular."""
    kind = rng.permutation(len(waves)) / len(waves)
    left, right = kind < 0.10, (kind >= 0.10) & (kind < 0.20)
    waves[left, :2, 1] = (0.55, -0.050, 0.018)  # a notch before R
    waves[left, :2, 2, 2] *= 1.5
    waves[left, :2, 3, 0] *= 0.3
    waves[left, :2, 4:6, 0] = -np.abs(waves[left, :2, 4:6, 0])
    waves[right, :2, 3, 0] *= 1.6
    waves[right, :2, 3, 1:] *= (1.5, 2.0)


def _draw_shares(
    rng: Generator,
    rr: FloatArray,
    paced: NDArray[np.bool_],
    fibrillating: NDArray[np.bool_],
    upright: NDArray[np.bool_],
) -> FloatArray:
    """Distribute classes over patients: rare ones to few patients, ventricular and fusion beats to fast hearts."""
    n = len(rr)
    weights = np.empty((5, n))
    weights[0] = np.exp(rng.normal(0, 0.25, n)) / rr
    weights[1] = np.exp(rng.normal(0, 1.3, n)) * np.where(fibrillating, 0.1, 1) * rr**-3.0
    weights[2] = np.exp(rng.normal(0, 0.8, n)) * rr**-3.0
    weights[3] = np.exp(rng.normal(0, 1.0, n)) * np.where(upright, 1, 0.05) * rr**-10.0
    weights[4] = np.exp(rng.normal(0, 0.1, n))
    weights[:4, paced] = 0
    weights[4, ~paced] = 0
    shares: FloatArray = weights / weights.sum(axis=1, keepdims=True)
    return shares
