"""Steps and their sequences: which one, where in it, and what changed since the previous step."""

from __future__ import annotations

import torch
from torch import Tensor

from seqclf.sequences import Sequences, Tokens


def sequence_index(sequences: Sequences) -> Tensor:
    """Return the index of the sequence of each step: (n_steps,), int64."""
    numbers = torch.arange(len(sequences), device=sequences.device)
    return numbers.repeat_interleave(sequences.lengths, output_size=sequences.values.shape[0])


def positions(sequences: Sequences, index: Tensor) -> Tensor:
    """Return the position of each step in its sequence, from 0: (n_steps,), int64."""
    steps = torch.arange(sequences.values.shape[0], device=sequences.device)
    return steps - sequences.offsets[:-1][index]


def changes(values: Tensor, offsets: Tensor) -> Tensor:
    """Return the difference of each step to the previous one of its sequence, 0 at the first: the shape of `values`."""
    differences = values.diff(dim=0, prepend=values[:1])
    differences[offsets[:-1]] = 0.0  # not the difference to the end of the previous sequence
    return differences


def values_at(sequences: Sequences, index: Tensor, position: Tensor) -> Tensor:
    """Return the values at other positions of the same sequences, clamped to their ends: (n_steps, n_features)."""
    return sequences.values[_rows_at(sequences, index, position)]


def tokens_at(sequences: Sequences, index: Tensor, position: Tensor) -> Tokens | None:
    """Return the tokens at other positions of the same sequences, clamped to their ends."""
    tokens = sequences.tokens
    return None if tokens is None else tokens.at(_rows_at(sequences, index, position))


def steps_at(sequences: Sequences, index: Tensor, position: Tensor) -> Sequences:
    """Return sequences of the same lengths with the values and tokens of other positions, clamped to their ends."""
    moved = sequences.with_values(values_at(sequences, index, position))
    return moved.with_tokens(tokens_at(sequences, index, position))


def _rows_at(sequences: Sequences, index: Tensor, position: Tensor) -> Tensor:
    last = sequences.lengths[index] - 1
    return sequences.offsets[:-1][index] + position.clamp(min=0).minimum(last)
