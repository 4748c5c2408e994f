"""One thread for each process of a test run: the models are too small to share, and pytest-xdist uses every core."""

from __future__ import annotations

import os

# Read when torch is imported, and inherited by the processes that tests start. Waiting threads yield instead of spinning.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

torch.set_num_threads(1)
