"""The heartbeats that all benchmarks use."""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf import Sequences
from seqclf.datasets import load_mitbih, make_heartbeats

WIDTH = 187
"""Number of time steps in the published padded table."""


class Beats(NamedTuple):
    """Beats, their class names, and their source."""

    sequences: Sequences
    target: NDArray[np.str_]
    source: str


def draw_beats(n_beats: int) -> Beats:
    """Return beats of the MIT-BIH records if SEQCLF_MITDB is set to their folder, else simulated ones."""
    folder = os.environ.get("SEQCLF_MITDB")
    if not folder:
        simulated = make_heartbeats(n_beats, random_state=0)
        return Beats(simulated.sequences, simulated.target, "simulated")
    every = load_mitbih(folder)
    chosen = np.random.default_rng(0).choice(len(every), n_beats, replace=False)
    return Beats(every.sequences[torch.from_numpy(chosen)], every.target[chosen], "MIT-BIH")
