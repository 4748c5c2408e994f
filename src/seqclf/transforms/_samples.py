"""`Samples`: what a transformer learns from, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqclf.sequences import LazySequences, Sequences, blocks_of, subset


@dataclass(frozen=True, slots=True)
class Samples:
    """Sequences and the weight of each; None counts each once.

    They are measured in blocks, so that memory does not grow with their number.
    """

    sequences: Sequences | LazySequences
    weights: Tensor | None = None  # (n_sequences, 1) float64

    def weighted(self, weights: NDArray[np.float64]) -> Self:
        """Return the sequences of positive weight, with their weights."""
        counted = weights > 0
        positive = torch.from_numpy(weights[counted] / weights[counted].max())[:, None]
        kept = torch.from_numpy(counted.nonzero()[0])
        sequences = self.sequences if counted.all() else subset(self.sequences, kept)
        return replace(self, sequences=sequences, weights=positive)

    def mapped(self, function: Callable[[Sequences], Sequences]) -> Self:
        """Return the samples after a function, which is called for each block."""
        source = self.sequences
        lazy = source if isinstance(source, LazySequences) else LazySequences(source, lambda batch: batch)
        return replace(self, sequences=lazy.mapped(function))

    def blocks(self) -> Iterator[tuple[Sequences, Tensor | None]]:
        """Yield the sequences of each block and their weights, on their device."""
        for rows, block in blocks_of(self.sequences):
            yield block, None if self.weights is None else self.weights[rows].to(block.device)

    @property
    def n_features(self) -> int:
        """Features of each step."""
        return self.sequences[:1].n_features


def of_steps(weights: Tensor | None, sequences: Sequences) -> Tensor | None:
    """Return the weight of each step, (n_steps, 1), given that of each sequence."""
    return None if weights is None else weights.repeat_interleave(sequences.lengths, dim=0)


def numbers(statistic: Tensor) -> list[float]:
    """Return a small tensor that outlives its block as Python numbers.

    A tensor would lie after the temporary ones of its block in the heap, so that C's allocator could not give their memory back:
    3 GB for a file of 600 MB.
    """
    converted: list[float] = statistic.tolist()
    return converted
