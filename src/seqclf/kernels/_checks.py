"""Checks of tensors that the kernels read or write: without them, they could do so out of bounds."""

from __future__ import annotations

import torch
from torch import Tensor


def check_layer(
    values: Tensor, offsets: Tensor, weights: list[Tensor], cell: str, bidirectional: bool
) -> None:
    """Raise unless dtypes and shapes of these steps, offsets and weights fit together."""
    if values.dtype != torch.float32 or values.ndim != 2:
        raise ValueError(
            f"values must be float32 of shape (n_steps, input_size); got {values.dtype}, shape {tuple(values.shape)}"
        )
    if offsets.dtype != torch.int64 or offsets.ndim != 1 or offsets.shape[0] == 0:
        raise ValueError(
            f"offsets must be int64 with one axis; got {offsets.dtype}, shape {tuple(offsets.shape)}"
        )
    directions = 2 if bidirectional else 1
    per_direction = len(weights) // directions
    if per_direction not in (2, 4) or len(weights) % directions:
        raise ValueError(
            f"weights must hold 2 or 4 tensors per direction; got {len(weights)} for {directions} direction(s)"
        )
    hidden = weights[1].shape[-1]
    if hidden == 0 or values.shape[1] == 0:
        raise ValueError(f"input_size and hidden_size must be at least 1; got {values.shape[1]} and {hidden}")
    rows = {"tanh": 1, "relu": 1, "gru": 3, "lstm": 4}[cell] * hidden
    shapes = [(rows, values.shape[1]), (rows, hidden), (rows,), (rows,)][:per_direction] * directions
    for index, (weight, shape) in enumerate(zip(weights, shapes, strict=True)):
        if tuple(weight.shape) != shape or weight.dtype != torch.float32:
            raise ValueError(
                f"weights[{index}] of cell {cell!r} must be float32 of shape {shape}; "
                f"got {weight.dtype}, shape {tuple(weight.shape)}"
            )


def check_offsets(values: Tensor, offsets: Tensor) -> None:
    """Raise unless offsets divide all steps into sequences."""
    first, last = int(offsets[0]), int(offsets[-1])
    falls = bool((offsets[1:] < offsets[:-1]).any())  # compared, because a difference could overflow
    if first != 0 or last != len(values) or falls:
        raise ValueError(
            f"offsets must be non-decreasing from 0 to {len(values)}, the number of steps; got {first} to {last}"
            + (" with a decrease between" if falls else "")
        )


def check_state(initial: list[Tensor], cell: str, shape: tuple[int, int]) -> None:
    """Raise unless the initial state, if there is one, has the parts that `cell` needs, in this shape."""
    if initial and len(initial) != len(state_parts(cell)):
        raise ValueError(
            f'initial.memory must be a tensor for cell "lstm" and None for any other; got cell {cell!r} and '
            f"{'None' if len(initial) == 1 else 'a tensor'}. Is it the state of another layer?"
        )
    for part, tensor in zip(state_parts(cell), initial, strict=False):
        check_shape(f"initial.{part}", tensor, shape)


def check_shape(name: str, tensor: Tensor, shape: tuple[int, int]) -> None:
    """Raise unless a tensor is float32 and of this shape."""
    if tensor.dtype != torch.float32 or tuple(tensor.shape) != shape:
        raise ValueError(
            f"{name} must be float32 of shape {shape}; got {tensor.dtype}, shape {tuple(tensor.shape)}"
        )


def state_parts(cell: str) -> tuple[str, ...]:
    """Return the names of the tensors that make up the state of a cell."""
    return ("hidden", "memory") if cell == "lstm" else ("hidden",)
