"""Planned beats -> samples: sums of Gaussian waves, baseline wander and noise."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from seqclf.datasets._beat_cut import FREQUENCY
from seqclf.datasets._cutting import MAX_STEPS, scale
from seqclf.datasets._morphology import FloatArray, Population
from seqclf.datasets._planning import Plan

_CHUNK: Final = 4096  # beats rendered at once: 3 MB for each temporary array
_P = 0
# Standard deviation between beats of a patient: of log amplitude, centre (s), log width.
_BEAT_SPREAD: Final = (0.08, 0.004, 0.05)


def render(
    rng: Generator, population: Population, plan: Plan, lengths: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return the samples of all beats, concatenated, each scaled to [0, 1]."""
    chunks = []
    for start in range(0, len(lengths), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        beats = plan.select(chunk)
        signal = _waves(rng, population, beats) + _disturbance(rng, population, beats.patient)
        real = np.arange(MAX_STEPS) < lengths[chunk, None]
        chunks.append(scale(signal[real], lengths[chunk]))
    return np.concatenate(chunks)


def _waves(rng: Generator, population: Population, beats: Plan) -> NDArray[np.float32]:
    """Return the sum of the waves of each beat and of the next one, shape (n_beats, 187), in mV."""
    n = len(beats.patient)
    zero = np.zeros(n)
    first = _vary(rng, population.waves[beats.patient, beats.kind], zero)
    second = _vary(rng, population.waves[beats.patient, beats.second_kind], zero)
    after = _vary(rng, population.waves[beats.patient, beats.next_kind], beats.next_rr)
    after[~beats.has_next_p, _P, 0] = 0
    first[..., 0] *= 1 - beats.blend[:, None]
    second[..., 0] *= beats.blend[:, None]
    # (n_beats, wave, 3), without the beat's own P wave, which comes before its R peak.
    waves = np.concatenate([first[:, 1:], after], axis=1).astype(np.float32)
    time = (np.arange(MAX_STEPS) / FREQUENCY + beats.onset[:, None]).astype(np.float32)
    signal = _gaussians(time, waves)
    blended = np.flatnonzero(beats.blend)
    signal[blended] += _gaussians(time[blended], second[blended, 1:].astype(np.float32))
    return signal


def _vary(rng: Generator, waves: FloatArray, delay: FloatArray) -> FloatArray:
    """Add the variation between beats to a patient's waves, and shift them in time."""
    varied = waves.copy()
    shape = waves.shape[:2]
    # Waves vary independently of each other; centres near the R peak vary less.
    varied[..., 0] *= np.exp(_BEAT_SPREAD[0] * rng.standard_normal(shape))
    varied[..., 1] += (
        _BEAT_SPREAD[1] * rng.standard_normal(shape) * np.minimum(np.abs(waves[..., 1]) / 0.1, 1)
    )
    varied[..., 1] += delay[:, None]
    varied[..., 2] *= np.exp(_BEAT_SPREAD[2] * rng.standard_normal(shape))
    return varied


def _gaussians(time: NDArray[np.float32], waves: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum `amplitude * exp(-(time - centre)^2 / (2 width^2))` over the waves of each beat."""
    signal = np.zeros_like(time)
    for amplitude, centre, width in waves.transpose(1, 2, 0)[..., None]:
        scaled = time - centre
        scaled /= width
        np.square(scaled, out=scaled)
        scaled *= -0.5
        np.exp(scaled, out=scaled)
        scaled *= amplitude
        signal += scaled
    return signal


def _disturbance(rng: Generator, population: Population, patient: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return baseline wander (breathing, movement) and noise (muscles, mains), shape (n_beats, 187), in mV."""
    n = len(patient)
    time = np.arange(MAX_STEPS, dtype=np.float32) / FREQUENCY
    frequency, phase = rng.uniform(0.05, 0.5, (n, 1)), rng.uniform(0, 2 * np.pi, (n, 1))
    wander = population.wander[patient, None] * np.exp(rng.normal(0, 0.7, (n, 1)))
    level = population.noise[patient, None] * np.exp(rng.normal(0, 0.4, (n, 1)))
    angle = (2 * np.pi * frequency).astype(np.float32) * time + phase.astype(np.float32)
    white = rng.standard_normal((n, MAX_STEPS + 1), dtype=np.float32)
    noise: NDArray[np.float32] = level.astype(np.float32) * (white[:, 1:] + np.float32(0.5) * white[:, :-1])
    return noise + wander.astype(np.float32) * np.sin(angle)
