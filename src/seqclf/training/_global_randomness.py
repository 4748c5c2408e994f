"""Were random numbers drawn from a global generator, whose state no checkpoint holds?"""

from __future__ import annotations

import random

import numpy as np
import torch


def global_states(device: torch.device) -> dict[str, bytes]:
    """Return the state of each global generator that a training step could draw from."""
    numpy_state = np.random.get_state(legacy=False)["state"]  # noqa: NPY002 - that of the legacy functions
    states = {
        "torch": torch.get_rng_state().numpy().tobytes(),
        "NumPy": numpy_state["key"].tobytes() + repr(numpy_state["pos"]).encode(),
        "Python": repr(random.getstate()).encode(),
    }
    if device.type == "cuda":
        states["torch"] += torch.cuda.get_rng_state(device).numpy().tobytes()
    return states


def drawn_from(before: dict[str, bytes], device: torch.device) -> list[str]:
    """Return the names of the generators whose state has changed."""
    after = global_states(device)
    return [name for name in before if before[name] != after[name]]
