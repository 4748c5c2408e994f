"""Imported by the process that others are forked from: a fit there loads what a first fit loads."""

from __future__ import annotations

from pathlib import Path

import torch

from interrupted.fits import FITS

torch.set_num_threads(1)
for name in ("adamw, one_cycle, dropout, jitter", "sgd, plateau, early stopping"):
    FITS[name](Path())
