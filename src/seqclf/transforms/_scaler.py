"""Base class of the scalers, which measure features over real steps only."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from seqclf._checks import check_choice
from seqclf.sequences import Sequences
from seqclf.transforms._observed import check_measured, check_observed
from seqclf.transforms._samples import Samples, numbers, of_steps
from seqclf.transforms._transformer import SequenceTransformer, check_same

Measured = tuple[list[float], list[float], list[float]]
"""Centre, scale and weight of each column of a block."""


@dataclass(kw_only=True, eq=False, repr=False)
class Scaler(SequenceTransformer):
    """Subtracts a centre and divides by a scale, in float64; a subclass computes both in `_measure`.

    Static features are scaled too, over the sequences seen in `fit`.
    """

    per: Literal["feature", "sequence"] = "feature"
    missing: Literal["error", "keep"] = "error"

    @abstractmethod
    def _measure(
        self, values: Tensor, offsets: Tensor, weights: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return centre and scale of the observed values of each segment and feature: (n_segments, n_features) each, float64.

        They are NaN if there are none.         `weights`, (n_rows, 1), count rows more than once or less; None counts each once.
        """

    @abstractmethod
    def _remember(self, centre: Tensor, scale: Tensor) -> None:
        """Set the fitted attributes: (n_features,) each."""

    @abstractmethod
    def _remembered(self) -> tuple[Tensor, Tensor]:
        """Return the fitted attributes: (n_features,) each."""

    @abstractmethod
    def _merged(self, centres: Tensor, scales: Tensor, masses: Tensor) -> tuple[Tensor, Tensor]:
        """Return centre and scale of all rows, (n_features,) each, given those of several blocks and their weight.

        All have shape (n_blocks, n_features), float64; a block of weight 0 has no observed value.
        """

    def _learn(self, samples: Samples) -> None:
        values = [
            self._measure_rows(block.values, of_steps(weights, block)) for block, weights in samples.blocks()
        ]
        self._remember(*self._of_all(values))
        static = [
            self._measure_rows(features, weights)
            for block, weights in samples.blocks()
            if (features := self._static_features(block)) is not None  # needs what was measured before
        ]
        self._static = self._of_all(static) if static else None

    def _apply(self, sequences: Sequences) -> Sequences:
        """Return scaled sequences, in float32."""
        values = sequences.values.double()
        if self.per == "feature":
            centre, scale = (one.to(sequences.device) for one in self._remembered())
        else:
            measured = self._measure(values, sequences.offsets)
            centre, scale = (one.repeat_interleave(sequences.lengths, dim=0) for one in measured)
        scaled = _scaled(values, centre, scale)
        return Sequences.unchecked(
            scaled, sequences.offsets, self._scaled_static(sequences), sequences.tokens
        )

    def _check_parameters(self) -> None:
        check_choice("per", self.per, ("feature", "sequence"))
        check_choice("missing", self.missing, ("error", "keep"))

    def _static_features(self, sequences: Sequences) -> Tensor | None:
        """Return the features of whole sequences before they are scaled: (n_sequences, any)."""
        return sequences.static

    def _scaled_static(self, sequences: Sequences) -> Tensor | None:
        static = self._static_features(sequences)
        measured = self._static
        n_seen = 0 if measured is None else measured[0].shape[0]
        check_same("static features", 0 if static is None else static.shape[1], n_seen)
        if static is None or measured is None:
            return None
        scaled = _scaled(static.double(), *(one.to(static.device) for one in measured))
        return torch.where(static.isnan(), 0.0, scaled)  # statistics of a feature that was never observed

    def _measure_rows(self, rows: Tensor, weights: Tensor | None) -> Measured:
        """Return centre, scale and weight of each column."""
        whole = torch.tensor([0, rows.shape[0]], device=rows.device, dtype=torch.int64)
        centre, scale = self._measure(rows.double(), whole, weights)
        seen = (~rows.isnan()).double()
        mass = (seen if weights is None else seen * weights).sum(dim=0)
        return numbers(centre[0]), numbers(scale[0]), numbers(mass)

    def _of_all(self, measured: list[Measured]) -> tuple[Tensor, Tensor]:
        """Return centre and scale of each column, (n_columns,), given those of each block."""
        centres, scales, masses = (
            torch.tensor(parts, dtype=torch.float64, device="cpu") for parts in zip(*measured, strict=True)
        )
        check_observed(masses)
        if len(measured) == 1:
            centre, scale = centres[0], scales[0]
        else:
            centre, scale = self._merged(centres, scales, masses)
        check_measured(centre, scale)
        return centre, scale


def _scaled(values: Tensor, centre: Tensor, scale: Tensor) -> Tensor:
    """Return scaled values, in float32; a constant is only shifted."""
    divisor = torch.where(scale > 0, scale, torch.ones_like(scale))
    return ((values - centre) / divisor).to(torch.float32)
