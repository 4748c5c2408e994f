"""Settings of all tests: one thread, and no dependence on how busy the machine is."""

from __future__ import annotations

import torch
from hypothesis import HealthCheck, settings

torch.set_num_threads(1)  # the models are too small to share, and several test runs may share the machine

# Hypothesis otherwise fails a test whose example, or whose generation of examples, takes long.
settings.register_profile("no time limits", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no time limits")
