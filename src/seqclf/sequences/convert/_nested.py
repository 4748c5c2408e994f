"""Nested tensors -> `Sequences`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences
from seqclf.sequences.convert._ragged import from_ragged


def from_nested(nested: Any) -> Sequences:
    """Convert a nested tensor of shape (n, *) or (n, *, n_features); jagged float32 without a copy."""
    if nested.size(0) == 0:
        raise InvalidSequenceError(
            "Found array with 0 sample(s) while a minimum of 1 is required; got an empty nested tensor. Was everything "
            "filtered out?"
        )
    if nested.layout is not torch.jagged:  # the older layout has no public offsets
        sequences = list(nested.detach().unbind())
        _check_same_features(sequences)
        nested = torch.nested.nested_tensor(sequences, layout=torch.jagged)
    ragged_axes = [axis for axis, size in enumerate(nested.shape) if not isinstance(size, int)]
    if nested.ndim not in (2, 3) or ragged_axes != [1]:
        raise InvalidSequenceError(
            "A nested tensor must have shape (n_samples, *) or (n_samples, *, n_features), where * is the "
            f"varying number of steps; got {tuple(nested.shape)}. Transpose or flatten the other axes."
        )
    if nested.lengths() is not None:  # a view with gaps between its sequences
        nested = nested.contiguous()
    values, offsets = nested.values().detach(), nested.offsets().to(torch.int64)
    return from_ragged(values.flatten(1) if values.ndim > 1 else values[:, None], offsets)


def _check_same_features(sequences: list[Tensor]) -> None:
    for row, steps in enumerate(sequences):
        if steps.shape[1:] != sequences[0].shape[1:]:
            raise InvalidSequenceError(
                "All sequences of a nested tensor must have the same number of features; got shapes "
                f"{tuple(sequences[0].shape)} in row 0 and {tuple(steps.shape)} in row {row}. Fill in the missing features."
            )
