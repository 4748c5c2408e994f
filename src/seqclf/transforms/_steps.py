"""Where each step of ragged sequences belongs."""

from __future__ import annotations

import torch
from torch import Tensor

from seqclf.sequences import Sequences


def owners(sequences: Sequences) -> Tensor:
    """Return the sequence that each step belongs to: (n_steps,), int64."""
    numbers = torch.arange(len(sequences), device=sequences.device)
    return numbers.repeat_interleave(sequences.lengths, output_size=sequences.values.shape[0])


def places(sequences: Sequences, owner: Tensor) -> Tensor:
    """Return the place of each step in its sequence, from 0: (n_steps,), int64."""
    steps = torch.arange(sequences.values.shape[0], device=sequences.device)
    return steps - sequences.offsets[:-1][owner]


def at_places(sequences: Sequences, owner: Tensor, place: Tensor) -> Tensor:
    """Return the values of other places of the same sequences, held at the ends: (n_steps, n_features)."""
    last = sequences.lengths[owner] - 1
    return sequences.values[sequences.offsets[:-1][owner] + place.clamp(min=0).minimum(last)]
