"""One thread for all tests: the models are too small to share, and several test runs may share the machine."""

from __future__ import annotations

import torch

torch.set_num_threads(1)
