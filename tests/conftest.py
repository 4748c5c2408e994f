"""Settings of all tests: one thread a process, and no dependence on how busy the machine is."""

from __future__ import annotations

import os

# Read when torch is imported, and inherited by the processes that tests start. Waiting threads yield instead of spinning.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings

torch.set_num_threads(1)  # the models are too small to share, and pytest-xdist uses every core

# Hypothesis otherwise fails a test whose example, or whose generation of examples, takes long.
settings.register_profile("no time limits", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no time limits")


@pytest.fixture
def mitdb() -> Path:
    """Return the folder of the real records; skip without it."""
    folder = os.environ.get("SEQCLF_MITDB")
    if not folder:
        pytest.skip("set SEQCLF_MITDB to the folder of the MIT-BIH records to run this test")
    return Path(folder)
