"""Layers whose call is prepared once, for many short calls."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from seqclf._checks import check_choice
from seqclf.kernels._checks import check_layer, check_offsets, check_shape, check_state, state_parts
from seqclf.kernels._layer import RecurrentState
from seqclf.kernels._library import WRONG_OFFSETS, check_outcome, library
from seqclf.kernels._linear import check_linear
from seqclf.kernels._operators import RECURRENT_CELLS, RecurrentCell
from seqclf.kernels._precision import PRECISIONS, Precision, check_precision
from seqclf.kernels._structures import ForwardCall, LayerCall, LinearCall, boundary
from seqclf.kernels._tensors import all_readable, check_arguments, readable
from seqclf.kernels._threads import n_threads


class PreparedLayer:
    """One recurrent layer of one direction with weights of its own, for many short calls without gradients.

    It computes what `recurrence` does, bitwise. A call of `recurrence` with one step takes several times as long as the step
    itself, because it checks all weights and passes through torch's dispatcher; here this is done once.

    Parameters
    ----------
    weights : sequence of Tensor
        ``weight_ih``, ``weight_hh`` and, with biases, ``bias_ih``, ``bias_hh``, as for `recurrence`. They are copied: later
        changes have no effect.
    cell : {"tanh", "relu", "gru", "lstm"}
        The recurrence.
    precision : {"float32", "bfloat16"}, default="float32"
        Precision of the factors of the matrix products.

    Raises
    ------
    RuntimeError
        If the kernels are not available (`status` says why).
    TypeError, ValueError
        As `recurrence`.

    Examples
    --------
    >>> import torch
    >>> from seqclf.kernels import PreparedLayer, recurrence, status
    >>> layer = torch.nn.GRU(1, 8)
    >>> weights = [layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0]
    >>> values, offsets = torch.randn(5, 1), torch.tensor([0, 3, 5])
    >>> if status().available:
    ...     states, final = PreparedLayer(weights, cell="gru")(values, offsets)
    ...     assert torch.equal(states, recurrence(values, offsets, weights, cell="gru")[0])
    """

    def __init__(
        self, weights: Sequence[Tensor], *, cell: RecurrentCell, precision: Precision = "float32"
    ) -> None:
        check_choice("cell", cell, RECURRENT_CELLS)
        check_precision(precision)
        check_arguments(weights=list(weights))
        self._library = library()
        self._weights = [readable(f"weights[{i}]", one).detach().clone() for i, one in enumerate(weights)]
        self._cell: RecurrentCell = cell
        self._precision: Precision = precision
        self._number = RECURRENT_CELLS.index(cell)
        values = torch.empty(0, self._weights[0].shape[-1], dtype=torch.float32, device="cpu")
        offsets = torch.zeros(1, dtype=torch.int64, device="cpu")
        check_layer(values, offsets, self._weights, cell, False)
        self._inputs, self._units = values.shape[1], self._weights[1].shape[1]
        self._template = LayerCall.of(values, offsets, self._weights, [], False, PRECISIONS.index(precision))
        self._packed = self._pack()
        self._template.packed, self._template.is_packed = self._packed.data_ptr(), 1

    def _pack(self) -> Tensor:
        """Return the weights in the layout of the products."""
        gates = self._weights[0].shape[0] // self._units
        count = self._library.functions.seqclf_packed_floats
        packed = _memory(count, gates, ctypes.byref(self._template))
        self._template.packed = packed.data_ptr()
        check_outcome(self._run(self._template, ForwardCall()))  # no sequences: only packs
        return packed

    def _run(self, layer: LayerCall, call: ForwardCall) -> int:
        outcome: int = self._library.functions.seqclf_forward(
            self._library.instruction_set, self._number, ctypes.byref(layer), ctypes.byref(call)
        )
        return outcome

    def __reduce__(self) -> tuple[Any, ...]:
        return _prepare, (self._weights, self._cell, self._precision)  # pointers must not be copied

    def __call__(
        self, values: Tensor, offsets: Tensor, initial: RecurrentState | None = None
    ) -> tuple[Tensor, RecurrentState]:
        """Return the states and the final state of dense CPU tensors, as `recurrence` does for one direction."""
        state = [part for part in initial or () if part is not None]
        check_arguments(weights=self._weights[:1], values=values, offsets=offsets, initial=state)
        n_steps, n_sequences = len(values) if values.ndim else 0, offsets.numel() - 1
        shape = (n_sequences, self._units)
        check_shape("values", values, (n_steps, self._inputs))
        if offsets.dtype != torch.int64 or offsets.ndim != 1 or n_sequences < 0:
            raise ValueError(
                f"offsets must be int64 with one axis; got {offsets.dtype}, shape {tuple(offsets.shape)}"
            )
        check_state(state, self._cell, shape)
        # Named, because they must live until the call is over.
        values, offsets = readable("values", values), readable("offsets", offsets)
        state = all_readable("initial", state)
        states = torch.empty(n_steps, self._units, dtype=torch.float32, device="cpu")
        final = [torch.empty(shape, dtype=torch.float32, device="cpu") for _ in state_parts(self._cell)]
        layer = LayerCall.from_buffer_copy(self._template)  # a copy of its own for each thread
        layer.n_sequences, layer.n_steps = n_sequences, n_steps
        layer.offsets, layer.values = offsets.data_ptr(), values.data_ptr()
        layer.initial = boundary(state)
        layer.threads = n_threads()
        outcome = self._run(layer, ForwardCall(states=states.data_ptr(), saved=None, final=boundary(final)))
        if outcome == WRONG_OFFSETS:
            check_offsets(values, offsets)
        check_outcome(outcome)
        return states, RecurrentState(*final)


class PreparedLinear:
    """A linear map with weights of its own, for many short calls without gradients: bitwise what `linear` computes.

    Parameters
    ----------
    weight : Tensor of shape (n_outputs, n_inputs), float32
        Copied: later changes have no effect.
    bias : Tensor of shape (n_outputs,), float32, or None, default=None
        Copied.

    Raises
    ------
    RuntimeError
        If the kernels are not available (`status` says why).
    TypeError, ValueError
        As `linear`.

    Examples
    --------
    >>> import torch
    >>> from seqclf.kernels import PreparedLinear, linear, status
    >>> rows, weight = torch.randn(100, 8), torch.randn(3, 8)
    >>> if status().available:
    ...     assert torch.equal(PreparedLinear(weight)(rows), linear(rows, weight))
    """

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        check_arguments(weights=[weight] if bias is None else [weight, bias])
        self._library = library()
        self._weight = readable("weight", weight).detach().clone()
        self._bias = None if bias is None else readable("bias", bias).detach().clone()
        check_linear(self._weight.new_empty(0, weight.shape[-1]), self._weight, self._bias)
        self._template = LinearCall(
            inputs=weight.shape[1],
            outputs=weight.shape[0],
            weight=self._weight.data_ptr(),
            bias=None if self._bias is None else self._bias.data_ptr(),
            threads=1,
        )
        count = self._library.functions.seqclf_packed_linear_floats
        self._packed = _memory(count, ctypes.byref(self._template))
        self._template.packed = self._packed.data_ptr()
        self._run(self._template)  # no rows: only packs
        self._template.is_packed = 1

    def __reduce__(self) -> tuple[Any, ...]:
        return PreparedLinear, (self._weight, self._bias)  # pointers must not be copied

    def __call__(self, rows: Tensor) -> Tensor:
        """Return ``rows @ weight.T + bias`` for dense rows on the CPU, (n_rows, n_outputs)."""
        check_arguments(weight=self._weight, rows=rows)
        check_shape("rows", rows, (len(rows) if rows.ndim else 0, self._weight.shape[1]))
        rows = readable("rows", rows)
        result = torch.empty(rows.shape[0], self._weight.shape[0], dtype=torch.float32, device="cpu")
        call = LinearCall.from_buffer_copy(self._template)  # a copy of its own for each thread
        call.n_rows, call.rows, call.result = rows.shape[0], rows.data_ptr(), result.data_ptr()
        call.threads = n_threads()
        self._run(call)
        return result

    def _run(self, call: LinearCall) -> None:
        library = self._library
        check_outcome(library.functions.seqclf_linear(library.instruction_set, ctypes.byref(call)))


def _memory(count: Any, *arguments: Any) -> Tensor:
    """Return memory for as many floats as a function of the library counts."""
    count.restype = ctypes.c_int64
    return torch.empty(count(*arguments), dtype=torch.float32, device="cpu")


def _prepare(weights: list[Tensor], cell: RecurrentCell, precision: Precision) -> PreparedLayer:
    return PreparedLayer(weights, cell=cell, precision=precision)
