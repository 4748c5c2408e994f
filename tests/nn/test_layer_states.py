"""Engines run a layer from any initial state, and return its final state."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_sequence, unpack_sequence

from seqclf.kernels import RecurrentState, status
from seqclf.nn._engines import Engine
from seqclf.nn._native_engine import NativeEngine
from seqclf.nn._packed_engine import PackedEngine
from seqclf.sequences import Sequences, as_sequences

needs_kernels = pytest.mark.skipif(not status().available, reason=status().reason)
ENGINES = [PackedEngine, pytest.param(NativeEngine, marks=needs_kernels)]
LAYERS: list[tuple[Any, dict[str, Any]]] = [
    (nn.RNN, {}),
    (nn.RNN, {"nonlinearity": "relu"}),
    (nn.GRU, {}),
    (nn.LSTM, {}),
]
every_engine = pytest.mark.parametrize("engine", ENGINES)
every_layer = pytest.mark.parametrize(("kind", "options"), LAYERS)
both_directions = pytest.mark.parametrize("bidirectional", [False, True])
LENGTHS = [
    5,
    40,
    1,
    16,
    17,
    33,
    32,
    1,
]  # below, at and above the packed engine's blocks of 16 steps, unsorted


def ragged(lengths: list[int]) -> Sequences:
    generator = torch.Generator().manual_seed(0)
    return as_sequences([torch.randn(length, 2, generator=generator) for length in lengths])


def new_layer(kind: Any, options: dict[str, Any], bidirectional: bool = False) -> nn.RNNBase:
    layer: nn.RNNBase = kind(2, 3, bidirectional=bidirectional, **options)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in layer.parameters():
            weight.uniform_(-0.6, 0.6, generator=generator)
    return layer


def run_torch(layer: nn.RNNBase, batch: Sequences, state: list[Tensor]) -> list[Tensor]:
    """Return the states and the parts of the final state of torch's module, in the layout of the engines."""
    directions = 2 if layer.bidirectional else 1
    start = [part.view(-1, directions, layer.hidden_size).transpose(0, 1).contiguous() for part in state]
    packed = pack_sequence(list(batch), enforce_sorted=False)
    output, final = layer(packed, tuple(start) if isinstance(layer, nn.LSTM) else start[0])
    parts = final if isinstance(layer, nn.LSTM) else [final]
    return [torch.cat(unpack_sequence(output)), *(part.transpose(0, 1).flatten(1) for part in parts)]


@every_engine
@both_directions
@every_layer
def test_states_and_gradients_equal_those_of_torch(
    kind: Any, options: dict[str, Any], bidirectional: bool, engine: type[Engine]
) -> None:
    batch, layer = ragged(LENGTHS), new_layer(kind, options, bidirectional)
    twin = copy.deepcopy(layer)
    state = torch.randn(
        2, len(LENGTHS), 6 if bidirectional else 3, generator=torch.Generator().manual_seed(2)
    )
    own, other = (
        [part.clone().requires_grad_() for part in state[: 2 if kind is nn.LSTM else 1]] for _ in "ab"
    )
    running = engine(batch)
    states, final = running.run_layer(layer, running.values, RecurrentState(*own))
    got = [running.restore_order(states), *(part for part in final if part is not None)]
    expected = run_torch(twin, batch, other)
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-6)
    grads = [torch.randn(one.shape, generator=torch.Generator().manual_seed(3)) for one in got]
    found = torch.autograd.grad(got, [*own, *layer.parameters()], grads)
    wanted = torch.autograd.grad(expected, [*other, *twin.parameters()], grads)
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)


@every_engine
@every_layer
def test_batches_continue_where_the_last_one_stopped(
    kind: Any, options: dict[str, Any], engine: type[Engine]
) -> None:
    layer, batch = new_layer(kind, options), ragged([20, 3, 35])
    whole = engine(batch)
    states, expected = whole.run_layer(layer, whole.values)
    state = None
    pieces = []
    for piece in (as_sequences([one[:2] for one in batch]), as_sequences([one[2:] for one in batch])):
        running = engine(piece)
        some, state = running.run_layer(layer, running.values, state)
        pieces.append(list(piece.with_values(running.restore_order(some))))
    together = torch.cat([part for both in zip(*pieces, strict=True) for part in both])
    torch.testing.assert_close(together, whole.restore_order(states), rtol=1e-5, atol=1e-6)
    assert state is not None
    torch.testing.assert_close(state.hidden, expected.hidden, rtol=1e-5, atol=1e-6)
    if engine is NativeEngine:
        assert torch.equal(together, states)


@both_directions
@every_layer
def test_the_module_on_a_packed_sequence_gives_the_same_final_state(
    kind: Any, options: dict[str, Any], bidirectional: bool
) -> None:
    """As the packed engine calls it on a GPU; here on the meta device, where only shapes can be compared."""
    layer, batch = new_layer(kind, options, bidirectional), ragged([5, 3])
    cpu = PackedEngine(batch)
    expected = cpu.run_layer(layer, cpu.values)
    states, final = cpu.run_layer(layer.to("meta"), cpu.values.to("meta"))
    assert states.shape == expected[0].shape
    assert final.hidden.shape == expected[1].hidden.shape
    assert (final.memory is None) == (expected[1].memory is None)
