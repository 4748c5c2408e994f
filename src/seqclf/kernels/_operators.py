"""The kernels of a recurrent layer as torch operators."""

from __future__ import annotations

import ctypes
from typing import Literal, get_args

import torch
from torch import Tensor

from seqclf.kernels._buffers import Buffers
from seqclf.kernels._checks import check_layer, check_offsets, check_shape, check_state, state_parts
from seqclf.kernels._library import WRONG_OFFSETS, check_outcome, library
from seqclf.kernels._precision import PRECISIONS
from seqclf.kernels._structures import BackwardCall, ForwardCall, LayerCall, boundary, weight_pointers
from seqclf.kernels._tensors import all_readable, check_device, name_all, readable

RecurrentCell = Literal["tanh", "relu", "gru", "lstm"]
RECURRENT_CELLS: tuple[RecurrentCell, ...] = get_args(RecurrentCell)
_SAVED_VECTORS = {"tanh": 0, "relu": 0, "gru": 4, "lstm": 5}
"""Vectors of hidden units that the forward pass saves per step: `kSaved` in `cpp/cells.h`."""
_ALIGNMENT = 16
"""Units of saved vectors are padded to a multiple of this: `kAlignment` in `cpp/layer.h`."""
_buffers = Buffers()


@torch.library.custom_op("seqclf::recurrence", mutates_args=(), device_types="cpu")
def run_forward(
    values: Tensor,
    offsets: Tensor,
    weights: list[Tensor],
    initial: list[Tensor],
    cell: str,
    bidirectional: bool,
    precision: str,
    save: bool,
) -> tuple[Tensor, list[Tensor], Tensor]:
    """Return the states, the parts of the final state and, with `save`, the gate values that the backward pass needs.

    An empty `initial` means zeros.
    """
    _check(values, offsets, weights, initial, cell, bidirectional)
    values, offsets = readable("values", values), readable("offsets", offsets)
    weights, initial = all_readable("weights", weights), all_readable("initial", initial)
    loaded = library()
    states = _buffers.empty(*_states_shape(values, weights, bidirectional))
    final = [_buffers.empty(*_state_shape(offsets, weights, bidirectional)) for _ in state_parts(cell)]
    saved = _buffers.empty(*_saved_shape(values, weights, cell, bidirectional, save))
    layer = LayerCall.of(values, offsets, weights, initial, bidirectional, PRECISIONS.index(precision))
    call = ForwardCall(
        states=states.data_ptr(), saved=saved.data_ptr() if save else None, final=boundary(final)
    )
    outcome = loaded.functions.seqclf_forward(
        loaded.instruction_set, RECURRENT_CELLS.index(cell), ctypes.byref(layer), ctypes.byref(call)
    )
    _check_outcome(outcome, values, offsets)
    return states, final, saved


@torch.library.custom_op("seqclf::recurrence_backward", mutates_args=(), device_types="cpu")
def run_backward(
    grad_states: Tensor | None,
    grad_final: list[Tensor | None],
    states: Tensor,
    saved: Tensor,
    values: Tensor,
    offsets: Tensor,
    weights: list[Tensor],
    initial: list[Tensor],
    cell: str,
    bidirectional: bool,
    precision: str,
    of_values: bool,
) -> list[Tensor]:
    """Return the gradients of values (empty unless `of_values`), of each part of the initial state and of each weight.

    A gradient that is None counts as zeros.
    """
    # Checked again: NumPy or hooks may have changed the saved tensors since, unseen by autograd.
    _check(values, offsets, weights, initial, cell, bidirectional)
    values, offsets = readable("values", values), readable("offsets", offsets)
    weights, initial = all_readable("weights", weights), all_readable("initial", initial)
    states, saved = readable("states", states), readable("saved", saved)
    grad_states = None if grad_states is None else readable("grad_states", grad_states)
    grad_final = [None if grad is None else readable("grad_final", grad) for grad in grad_final]
    _check_passed(grad_states, grad_final, states, saved, values, offsets, weights, cell, bidirectional)
    loaded = library()
    grad_values = _buffers.empty(*values.shape) if of_values else values.new_empty(0)
    grad_initial = [torch.empty_like(part) for part in initial]
    grads = [torch.empty_like(weight) for weight in weights]
    layer = LayerCall.of(values, offsets, weights, initial, bidirectional, PRECISIONS.index(precision))
    call = BackwardCall(
        states=states.data_ptr(),
        saved=saved.data_ptr(),
        grad_states=None if grad_states is None else grad_states.data_ptr(),
        grad_final=boundary(grad_final),
        grad_values=grad_values.data_ptr() if of_values else None,
        grad_initial=boundary(grad_initial),
        grads=weight_pointers(grads, bidirectional),
    )
    outcome = loaded.functions.seqclf_backward(
        loaded.instruction_set, RECURRENT_CELLS.index(cell), ctypes.byref(layer), ctypes.byref(call)
    )
    _check_outcome(outcome, values, offsets)
    return [grad_values, *grad_initial, *grads]


@run_forward.register_fake
def _(
    values: Tensor,
    offsets: Tensor,
    weights: list[Tensor],
    initial: list[Tensor],
    cell: str,
    bidirectional: bool,
    precision: str,
    save: bool,
) -> tuple[Tensor, list[Tensor], Tensor]:
    check_device(name_all(values=values, offsets=offsets, weights=weights, initial=initial))
    _check(values, offsets, weights, initial, cell, bidirectional)
    states = values.new_empty(_states_shape(values, weights, bidirectional))
    final = [values.new_empty(_state_shape(offsets, weights, bidirectional)) for _ in state_parts(cell)]
    return states, final, values.new_empty(_saved_shape(values, weights, cell, bidirectional, save))


@run_backward.register_fake
def _(
    grad_states: Tensor | None,
    grad_final: list[Tensor | None],
    states: Tensor,
    saved: Tensor,
    values: Tensor,
    offsets: Tensor,
    weights: list[Tensor],
    initial: list[Tensor],
    cell: str,
    bidirectional: bool,
    precision: str,
    of_values: bool,
) -> list[Tensor]:
    grads = [grad for grad in (grad_states, *grad_final) if grad is not None]
    check_device(name_all(values=values, offsets=offsets, weights=weights, initial=initial))
    check_device(name_all(values=values, states=states, saved=saved, gradients=grads))
    _check(values, offsets, weights, initial, cell, bidirectional)
    grad_values = values.new_empty(values.shape if of_values else (0,))
    # Not empty_like: gradients are contiguous whatever the strides of the weights.
    return [grad_values, *(tensor.new_empty(tensor.shape) for tensor in (*initial, *weights))]


# Under autocast the kernels stay with float32 tensors, the only ones they take, and are still faster than torch in bfloat16.
run_forward.register_autocast("cpu", torch.float32)


def _check(
    values: Tensor,
    offsets: Tensor,
    weights: list[Tensor],
    initial: list[Tensor],
    cell: str,
    bidirectional: bool,
) -> None:
    """Raise unless dtypes and shapes fit together; reads no data, so it also runs on meta."""
    check_layer(values, offsets, weights, cell, bidirectional)
    check_state(initial, cell, _state_shape(offsets, weights, bidirectional))


def _check_outcome(outcome: int, values: Tensor, offsets: Tensor) -> None:
    """Raise unless a call succeeded; where the library refused the offsets, say what is wrong with them."""
    if outcome == WRONG_OFFSETS:
        check_offsets(values, offsets)
    check_outcome(outcome)


def _check_passed(
    grad_states: Tensor | None,
    grad_final: list[Tensor | None],
    states: Tensor,
    saved: Tensor,
    values: Tensor,
    offsets: Tensor,
    weights: list[Tensor],
    cell: str,
    bidirectional: bool,
) -> None:
    """Raise unless the outputs of the forward pass, and their gradients, have the right shapes."""
    check_shape("states", states, _states_shape(values, weights, bidirectional))
    check_shape("saved", saved, _saved_shape(values, weights, cell, bidirectional, True))
    if grad_states is not None:
        check_shape("grad_states", grad_states, _states_shape(values, weights, bidirectional))
    for part, grad in zip(state_parts(cell), grad_final, strict=True):
        if grad is not None:
            check_shape(f"grad_final.{part}", grad, _state_shape(offsets, weights, bidirectional))


# Not len(): torch.compile would specialise on the number of steps or sequences.
def _states_shape(values: Tensor, weights: list[Tensor], bidirectional: bool) -> tuple[int, int]:
    return values.shape[0], _width(weights, bidirectional)


def _state_shape(offsets: Tensor, weights: list[Tensor], bidirectional: bool) -> tuple[int, int]:
    return offsets.shape[0] - 1, _width(weights, bidirectional)


def _saved_shape(
    values: Tensor, weights: list[Tensor], cell: str, bidirectional: bool, save: bool
) -> tuple[int, int]:
    units = -(-int(weights[1].shape[1]) // _ALIGNMENT) * _ALIGNMENT
    width = _SAVED_VECTORS[cell] * units * (2 if bidirectional else 1)
    return (values.shape[0], width) if save else (0, width)


def _width(weights: list[Tensor], bidirectional: bool) -> int:
    return int(weights[1].shape[1]) * (2 if bidirectional else 1)
