"""Scalers by statistics of the training samples: each step is scaled on its own."""

from __future__ import annotations

import torch
from torch import Tensor

from seqclf.sequences import Sequences
from seqclf.streaming._chain import EachStep
from seqclf.transforms import MinMax, ZScore


def zscore_stepper(scaler: ZScore) -> EachStep:
    """Return what subtracts the means and divides by the standard deviations."""
    scale = scaler.scale_.cpu()
    return EachStep(_Scale(scaler.mean_.cpu(), scale))


def minmax_stepper(scaler: MinMax) -> EachStep:
    """Return what maps the extremes to the range."""
    low, high = scaler.feature_range
    return EachStep(_Scale(scaler.data_min_.cpu(), scaler.data_range_.cpu(), (float(low), float(high))))


class _Scale:
    """(value - centre) / scale in float64, then in float32; a constant is only shifted."""

    def __init__(self, centre: Tensor, scale: Tensor, place: tuple[float, float] | None = None) -> None:
        self._centre, self._place = centre, place
        self._divisor = torch.where(scale > 0, scale, torch.ones_like(scale))

    def __call__(self, chunk: Sequences) -> Sequences:
        scaled = ((chunk.values - self._centre) / self._divisor).to(torch.float32)
        if self._place is not None:
            low, high = self._place
            scaled = low + (high - low) * scaled
        return Sequences.unchecked(scaled, chunk.offsets, None, chunk.tokens)
