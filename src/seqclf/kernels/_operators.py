"""The kernels as torch operators, with gradients."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, Literal, get_args

import torch
from torch import Tensor
from torch.autograd.forward_ad import unpack_dual

from seqclf._checks import check_boolean, check_choice
from seqclf.kernels._buffers import Buffers
from seqclf.kernels._library import check_outcome, library
from seqclf.kernels._structures import BackwardCall, ForwardCall, LayerCall, weight_pointers

RecurrentCell = Literal["tanh", "relu", "gru", "lstm"]
RECURRENT_CELLS: tuple[RecurrentCell, ...] = get_args(RecurrentCell)
_SAVED_VECTORS = {"tanh": 0, "relu": 0, "gru": 4, "lstm": 5}
"""Vectors of hidden units that the forward pass saves per step: `kSaved` in `cpp/cells.h`."""
_ALIGNMENT = 16
"""Units of saved vectors are padded to a multiple of this: `kAlignment` in `cpp/layer.h`."""
_buffers = Buffers()


def recurrence(
    values: Tensor,
    offsets: Tensor,
    weights: Sequence[Tensor],
    *,
    cell: RecurrentCell,
    bidirectional: bool = False,
) -> Tensor:
    """Run one recurrent layer over ragged sequences with the compiled kernels.

    Parameters
    ----------
    values : Tensor of shape (n_steps, input_size), float32, on the CPU
        Steps of all sequences, concatenated.
    offsets : Tensor of shape (n_sequences + 1,), int64
        Sequence i is ``values[offsets[i]:offsets[i + 1]]``.
    weights : sequence of Tensor
        Named and shaped as in `torch.nn.RNN`, `GRU` and `LSTM`: ``weight_ih``, ``weight_hh`` and, with biases,
        ``bias_ih``, ``bias_hh``; then the same for the reverse direction.
    cell : {"tanh", "relu", "gru", "lstm"}
        The recurrence, with torch's equations and gate order. Initial states are zero.
    bidirectional : bool, default=False
        Whether a second direction runs from the last step of each sequence to the first.

    Returns
    -------
    Tensor of shape (n_steps, hidden_size) or (n_steps, 2 * hidden_size), float32
        The state at each step; forward units come first. The states of a sequence are bitwise identical
        regardless of the other sequences, its position among them and the number of threads.

    Raises
    ------
    RuntimeError
        If the kernels are not available (`status` says why).
    ValueError
        If `cell` is not one of those listed, or dtypes or shapes do not match.
    NotImplementedError
        If a tensor carries a forward-mode derivative, or another transform of `torch.func`.

    Notes
    -----
    Differentiable once with respect to `values` and `weights`. Runs on `torch.get_num_threads()` threads and releases the GIL.

    Examples
    --------
    >>> import torch
    >>> from seqclf.kernels import recurrence, status
    >>> layer = torch.nn.GRU(1, 8)
    >>> weights = [layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0]
    >>> values, offsets = torch.randn(5, 1), torch.tensor([0, 3, 5])
    >>> if status().available:
    ...     states = recurrence(values, offsets, weights, cell="gru")
    ...     assert states.shape == (5, 8)
    """
    check_choice("cell", cell, RECURRENT_CELLS)
    bidirectional = check_boolean("bidirectional", bidirectional)
    if any(is_dual(tensor) for tensor in (values, *weights)):
        raise NotImplementedError(
            "The kernels must be differentiated in reverse mode; got a dual tensor of torch.autograd.forward_ad or "
            "torch.func.jvp. Use engine='packed' for forward mode."
        )
    save = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in (values, *weights))
    try:
        states: Tensor = _forward(values, offsets, list(weights), cell, bidirectional, save)[0]
    except RuntimeError as error:
        if "functorch" in str(error) or "Batching rule" in str(error):
            raise NotImplementedError(
                f"The kernels do not support the transforms of torch.func; got a tensor of one: {error} Use engine='packed'."
            ) from error
        raise
    return states


@torch.library.custom_op("seqclf::recurrence", mutates_args=(), device_types="cpu")
def _forward(
    values: Tensor, offsets: Tensor, weights: list[Tensor], cell: str, bidirectional: bool, save: bool
) -> tuple[Tensor, Tensor]:
    """Return the states and, with `save`, the gate values that the backward pass needs."""
    values, offsets = values.contiguous(), offsets.contiguous()
    weights = [weight.contiguous() for weight in weights]
    _check(values, offsets, weights, cell, bidirectional)
    loaded = library()
    states = _buffers.empty(values.shape[0], _width(weights, bidirectional))
    saved = _buffers.empty(*_saved_shape(values, weights, cell, bidirectional, save))
    layer = LayerCall.of(values, offsets, weights, bidirectional)
    call = ForwardCall(states=states.data_ptr(), saved=saved.data_ptr() if save else None)
    outcome = loaded.functions.seqclf_forward(
        loaded.instruction_set, RECURRENT_CELLS.index(cell), ctypes.byref(layer), ctypes.byref(call)
    )
    check_outcome(outcome)
    return states, saved


@torch.library.custom_op("seqclf::recurrence_backward", mutates_args=(), device_types="cpu")
def _backward(
    grad_states: Tensor,
    states: Tensor,
    saved: Tensor,
    values: Tensor,
    offsets: Tensor,
    weights: list[Tensor],
    cell: str,
    bidirectional: bool,
    of_values: bool,
) -> list[Tensor]:
    """Return the gradients of values (empty unless `of_values`) and of each weight."""
    values, offsets, grad_states = values.contiguous(), offsets.contiguous(), grad_states.contiguous()
    weights = [weight.contiguous() for weight in weights]
    states, saved = states.contiguous(), saved.contiguous()
    # Checked again: NumPy or hooks may have changed the saved tensors since, unseen by autograd.
    _check(values, offsets, weights, cell, bidirectional)
    width = _width(weights, bidirectional)
    _check_shape("states", states, (values.shape[0], width))
    _check_shape("grad_states", grad_states, (values.shape[0], width))
    _check_shape("saved", saved, _saved_shape(values, weights, cell, bidirectional, True))
    loaded = library()
    grad_values = _buffers.empty(*values.shape) if of_values else values.new_empty(0)
    grads = [torch.empty_like(weight) for weight in weights]
    layer = LayerCall.of(values, offsets, weights, bidirectional)
    call = BackwardCall(
        states=states.data_ptr(),
        saved=saved.data_ptr(),
        grad_states=grad_states.data_ptr(),
        grad_values=grad_values.data_ptr() if of_values else None,
        grads=weight_pointers(grads, bidirectional),
    )
    outcome = loaded.functions.seqclf_backward(
        loaded.instruction_set, RECURRENT_CELLS.index(cell), ctypes.byref(layer), ctypes.byref(call)
    )
    check_outcome(outcome)
    return [grad_values, *grads]


@_forward.register_fake
def _(
    values: Tensor, offsets: Tensor, weights: list[Tensor], cell: str, bidirectional: bool, save: bool
) -> tuple[Tensor, Tensor]:
    # Not len(): torch.compile would specialise on the number of steps.
    states = values.new_empty(values.shape[0], _width(weights, bidirectional))
    return states, values.new_empty(_saved_shape(values, weights, cell, bidirectional, save))


@_backward.register_fake
def _(
    grad_states: Tensor,
    states: Tensor,
    saved: Tensor,
    values: Tensor,
    offsets: Tensor,
    weights: list[Tensor],
    cell: str,
    bidirectional: bool,
    of_values: bool,
) -> list[Tensor]:
    grad_values = values.new_empty(values.shape if of_values else (0,))
    # Not empty_like: gradients are contiguous whatever the strides of the weights.
    return [grad_values, *(weight.new_empty(weight.shape) for weight in weights)]


def _keep(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
    values, offsets, weights, ctx.cell, ctx.bidirectional, ctx.saves = inputs
    states, saved = output
    ctx.mark_non_differentiable(saved)
    ctx.set_materialize_grads(False)
    ctx.save_for_backward(values, offsets, states, saved, *weights)


def _differentiate(ctx: Any, grad_states: Tensor | None, _: Tensor | None) -> tuple[Any, ...]:
    values, offsets, states, saved, *weights = ctx.saved_tensors
    if grad_states is None:
        return None, None, [None] * len(weights), None, None, None
    if not ctx.saves:
        raise RuntimeError(
            "seqclf::recurrence must be called with save=True to be differentiated; got save=False. "
            "Call seqclf.kernels.recurrence, which sets it."
        )
    of_values = ctx.needs_input_grad[0]
    grad_values, *grads = _backward(
        grad_states, states, saved, values, offsets, weights, ctx.cell, ctx.bidirectional, of_values
    )
    return grad_values if of_values else None, None, grads, None, None, None


_forward.register_autograd(_differentiate, setup_context=_keep)
# Under autocast the kernels stay in float32, the only dtype they have, and are still faster than torch in bfloat16.
_forward.register_autocast("cpu", torch.float32)


def _width(weights: list[Tensor], bidirectional: bool) -> int:
    return int(weights[1].shape[1]) * (2 if bidirectional else 1)


def _saved_shape(
    values: Tensor, weights: list[Tensor], cell: str, bidirectional: bool, save: bool
) -> tuple[int, int]:
    units = -(-int(weights[1].shape[1]) // _ALIGNMENT) * _ALIGNMENT
    width = _SAVED_VECTORS[cell] * units * (2 if bidirectional else 1)
    return (values.shape[0], width) if save else (0, width)


def _check(values: Tensor, offsets: Tensor, weights: list[Tensor], cell: str, bidirectional: bool) -> None:
    """Raise unless the kernels can run on these tensors without reading or writing out of bounds."""
    if values.dtype != torch.float32 or values.ndim != 2:
        raise ValueError(
            f"values must be float32 of shape (n_steps, input_size); got {values.dtype}, shape {tuple(values.shape)}"
        )
    if offsets.dtype != torch.int64 or offsets.ndim != 1 or len(offsets) == 0:
        raise ValueError(
            f"offsets must be int64 with one axis; got {offsets.dtype}, shape {tuple(offsets.shape)}"
        )
    first, last = int(offsets[0]), int(offsets[-1])
    falls = bool((offsets[1:] < offsets[:-1]).any())  # compared, because a difference could overflow
    if first != 0 or last != len(values) or falls:
        raise ValueError(
            f"offsets must be non-decreasing from 0 to {len(values)}, the number of steps; got {first} to {last}"
            + (" with a decrease between" if falls else "")
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


def is_dual(tensor: Tensor) -> bool:
    """Return whether a tensor carries a forward-mode derivative, which torch would drop silently."""
    return unpack_dual(tensor).tangent is not None  # type: ignore[no-untyped-call]


def _check_shape(name: str, tensor: Tensor, shape: tuple[int, int]) -> None:
    if tensor.dtype != torch.float32 or tuple(tensor.shape) != shape:
        raise ValueError(
            f"{name} must be float32 of shape {shape}; got {tensor.dtype}, shape {tuple(tensor.shape)}"
        )
