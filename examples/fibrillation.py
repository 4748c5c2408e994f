"""Normal beats in a simulated atrial fibrillation, to train on a rhythm that few people in the data have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seqclf.datasets import Heartbeats, rr_features

SPREAD = (0.12, 0.3)  # standard deviation of the logarithms of the intervals
SHORTEST = 0.25  # seconds
FEWEST = 10  # N beats of a person


def fibrillate(
    beats: Heartbeats, candidates: NDArray[np.int64], n_beats: int, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return N beats among the candidates, `n_beats` of each record, and their RR features if their hearts fibrillated.

    In atrial fibrillation the intervals are independent of each other, so that normal beats come as early as S beats do; all are N.
    """
    rng = np.random.default_rng(seed)
    assert beats.record is not None
    assert beats.rr_intervals is not None
    normal = candidates[beats.target[candidates] == "N"]
    chosen, features = [], []
    for record in np.unique(beats.record[normal]):
        own = normal[beats.record[normal] == record]
        if len(own) < FEWEST:
            continue
        usual = np.median(beats.rr_intervals[own, 0])
        intervals = usual * np.exp(rng.normal(0, rng.uniform(*SPREAD), n_beats))
        features.append(rr_features(np.cumsum(np.maximum(intervals, SHORTEST))))
        chosen.append(rng.choice(own, n_beats))
    return np.concatenate(chosen), np.concatenate(features)
