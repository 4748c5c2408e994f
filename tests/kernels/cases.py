"""Layers on ragged batches, run by the kernels and by torch's packed layers."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_sequence, unpack_sequence

from seqclf.kernels import Precision, RecurrentCell, recurrence, status

CELLS: list[RecurrentCell] = ["tanh", "relu", "gru", "lstm"]
every_cell = pytest.mark.parametrize("cell", CELLS)
both_directions = pytest.mark.parametrize("bidirectional", [False, True], ids=["forward", "both"])
needs_kernels = pytest.mark.skipif(not status().available, reason=status().reason)

Run = Callable[[nn.RNNBase, Tensor, Tensor], Tensor]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A stack of layers and a batch for it, both generated from `seed`."""

    cell: RecurrentCell
    input_size: int = 3
    hidden_size: int = 5
    lengths: Sequence[int] = (4, 1, 6)
    num_layers: int = 1
    bidirectional: bool = False
    bias: bool = True
    seed: int = 0

    def layer(self) -> nn.RNNBase:
        """Return torch's module, with weights drawn from torch's default distribution."""
        options: dict[str, Any] = {} if self.cell in ("gru", "lstm") else {"nonlinearity": self.cell}
        kind: Any = {"gru": nn.GRU, "lstm": nn.LSTM}.get(self.cell, nn.RNN)
        layer: nn.RNNBase = kind(
            self.input_size,
            self.hidden_size,
            num_layers=self.num_layers,
            bidirectional=self.bidirectional,
            bias=self.bias,
            **options,
        )
        limit = 1 / math.sqrt(self.hidden_size)
        generator = torch.Generator().manual_seed(self.seed)
        with torch.no_grad():
            for weight in layer.parameters():
                weight.uniform_(-limit, limit, generator=generator)
        return layer

    def values(self) -> Tensor:
        """Return the steps of all sequences."""
        generator = torch.Generator().manual_seed(self.seed + 1)
        return torch.randn(sum(self.lengths), self.input_size, generator=generator)

    def offsets(self) -> Tensor:
        """Return where each sequence starts and ends."""
        return torch.tensor([0, *self.lengths]).cumsum(0)


def weights_of(layer: nn.RNNBase, depth: int = 0) -> list[Tensor]:
    """Return the weights of one layer of the stack in the order `recurrence` takes."""
    names = ["weight_ih", "weight_hh"] + (["bias_ih", "bias_hh"] if layer.bias else [])
    suffixes = ["", "_reverse"] if layer.bidirectional else [""]
    return [getattr(layer, f"{name}_l{depth}{suffix}") for suffix in suffixes for name in names]


def cell_of(layer: nn.RNNBase) -> RecurrentCell:
    """Return the kernels' name for a module's cell."""
    cell: RecurrentCell
    for cell in CELLS:
        if layer.mode.lower().endswith(cell):
            return cell
    raise AssertionError(layer.mode)


def native(layer: nn.RNNBase, values: Tensor, offsets: Tensor, *, precision: Precision = "float32") -> Tensor:
    """Run a stack with the kernels."""
    cell = cell_of(layer)
    for depth in range(layer.num_layers):
        weights = weights_of(layer, depth)
        values, _ = recurrence(
            values, offsets, weights, cell=cell, bidirectional=layer.bidirectional, precision=precision
        )
    return values


def packed(layer: nn.RNNBase, values: Tensor, offsets: Tensor) -> Tensor:
    """Run a stack with torch on a PackedSequence, which cannot hold sequences without steps."""
    sequences = [one for one in torch.split(values, offsets.diff().tolist()) if len(one)]
    return torch.cat(unpack_sequence(layer(pack_sequence(sequences, enforce_sorted=False))[0]))


def outcome(
    run: Run,
    layer: nn.RNNBase,
    values: Tensor,
    offsets: Tensor,
    dtype: torch.dtype = torch.float32,
    grad_states: Tensor | None = None,
) -> dict[str, Tensor]:
    """Return the states, and the gradients of values and weights for a gradient of the states, random by default."""
    layer = copy.deepcopy(layer).to(dtype)
    values = values.detach().clone().to(dtype).requires_grad_()
    states = run(layer, values, offsets)
    if grad_states is None:
        grad_states = torch.randn(states.shape, generator=torch.Generator().manual_seed(7))
    named = {"values": values, **dict(layer.named_parameters())}
    grads = torch.autograd.grad(states, list(named.values()), grad_states.to(dtype))
    return {"states": states.detach(), **dict(zip(named, grads, strict=True))}


def outcome_of(run: Run, case: Case, dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
    """Return the outcome of a case."""
    return outcome(run, case.layer(), case.values(), case.offsets(), dtype)


def relative_error(got: Tensor, expected: Tensor) -> float:
    """Return the norm of the difference divided by the norm of `expected`."""
    expected = expected.double()
    difference, size = float((got - expected).norm()), float(expected.norm())
    return difference / size if size > 0 else difference


def gradients(result: dict[str, Tensor]) -> Tensor:
    """Return all gradients as one vector."""
    return torch.cat([value.flatten().double() for name, value in result.items() if name != "states"])


def same_bits(got: dict[str, Tensor], expected: dict[str, Tensor]) -> bool:
    """Return whether all numbers are bitwise equal; NaN equals NaN."""
    return got.keys() == expected.keys() and all(
        torch.equal(got[name].view(torch.int32), expected[name].view(torch.int32)) for name in got
    )
