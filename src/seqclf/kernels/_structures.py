"""The structures of `cpp/layer.h` in ctypes."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor

from seqclf.kernels._threads import n_threads

_Pointer = ctypes.c_void_p


class _Weights(ctypes.Structure):
    """Pointers to one direction's weights or their gradients; biases may be null."""

    _fields_: ClassVar = [(name, _Pointer) for name in ("input", "hidden", "input_bias", "hidden_bias")]


_BothDirections = _Weights * 2


class _Boundary(ctypes.Structure):
    """Pointers to the parts of one state per sequence; null for an absent part."""

    _fields_: ClassVar = [("hidden", _Pointer), ("memory", _Pointer)]


class LayerCall(ctypes.Structure):
    """One layer and one batch: `Layer`."""

    _fields_: ClassVar = [
        ("input_size", ctypes.c_int64),
        ("hidden_size", ctypes.c_int64),
        ("directions", ctypes.c_int32),
        ("precision", ctypes.c_int32),
        ("weights", _BothDirections),
        ("n_sequences", ctypes.c_int64),
        ("n_steps", ctypes.c_int64),
        ("offsets", _Pointer),
        ("order", _Pointer),
        ("values", _Pointer),
        ("initial", _Boundary),
        ("threads", ctypes.c_int32),
        ("is_packed", ctypes.c_int32),
        ("packed", _Pointer),
    ]

    @classmethod
    def of(
        cls,
        values: Tensor,
        offsets: Tensor,
        weights: Sequence[Tensor],
        initial: Sequence[Tensor],
        bidirectional: bool,
        precision: int,
    ) -> LayerCall:
        """Point to contiguous tensors, which must stay alive during the call."""
        return cls(
            input_size=values.shape[1],
            hidden_size=weights[1].shape[1],
            directions=2 if bidirectional else 1,
            precision=precision,
            weights=weight_pointers(weights, bidirectional),
            n_sequences=offsets.shape[0] - 1,
            n_steps=values.shape[0],
            offsets=offsets.data_ptr(),
            order=None,  # sorted by the library
            values=values.data_ptr(),
            initial=boundary(initial),
            threads=n_threads(),
        )


class ForwardCall(ctypes.Structure):
    """Outputs of the forward pass: `Forward`."""

    _fields_: ClassVar = [("states", _Pointer), ("saved", _Pointer), ("final", _Boundary)]


class BackwardCall(ctypes.Structure):
    """Inputs and outputs of the backward pass: `Backward`."""

    _fields_: ClassVar = [
        ("states", _Pointer),
        ("saved", _Pointer),
        ("grad_states", _Pointer),
        ("grad_final", _Boundary),
        ("grad_values", _Pointer),
        ("grad_initial", _Boundary),
        ("grads", _BothDirections),
    ]


class LinearCall(ctypes.Structure):
    """One linear map and its rows: `Linear`."""

    _fields_: ClassVar = [
        ("inputs", ctypes.c_int64),
        ("outputs", ctypes.c_int64),
        ("n_rows", ctypes.c_int64),
        ("rows", _Pointer),
        ("weight", _Pointer),
        ("bias", _Pointer),
        ("result", _Pointer),
        ("threads", ctypes.c_int32),
        ("is_packed", ctypes.c_int32),
        ("packed", _Pointer),
    ]


def boundary(parts: Sequence[Tensor | None]) -> _Boundary:
    """Return the pointers of a state's parts; null for those that are None or missing."""
    return _Boundary(*(None if part is None else part.data_ptr() for part in parts))


def weight_pointers(weights: Sequence[Tensor], bidirectional: bool) -> ctypes.Array[_Weights]:
    """Return the pointers of both directions; null for absent biases and an absent direction."""
    per_direction = len(weights) // (2 if bidirectional else 1)
    pointers = _BothDirections()
    for direction in range(len(weights) // per_direction):
        mine = weights[direction * per_direction : (direction + 1) * per_direction]
        pointers[direction] = _Weights(*(weight.data_ptr() for weight in mine))
    return pointers
