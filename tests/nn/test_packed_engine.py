"""The packed engine: blocks of time steps on a CPU, one call on a GPU."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from seqclf.nn import Cell, Nonlinearity, RecurrentEncoder, _packed_engine
from seqclf.sequences import Sequences, as_sequences, packing_order

CELLS: list[tuple[Cell, Nonlinearity]] = [("rnn", "tanh"), ("rnn", "relu"), ("gru", "tanh"), ("lstm", "tanh")]
every_cell = pytest.mark.parametrize(("cell", "nonlinearity"), CELLS)


def ragged(lengths: list[int]) -> Sequences:
    generator = torch.Generator().manual_seed(0)
    return as_sequences([torch.randn(length, 2, generator=generator) for length in lengths])


def encoder(cell: Cell, nonlinearity: Nonlinearity) -> RecurrentEncoder:
    generator = torch.Generator().manual_seed(1)
    options = {"nonlinearity": nonlinearity, "bidirectional": True, "init": "torch", "generator": generator}
    return RecurrentEncoder(cell, 2, 3, engine="packed", **options)  # type: ignore[arg-type]


@every_cell
def test_blocks_equal_a_call_of_the_module_on_a_packed_sequence(
    cell: Cell, nonlinearity: Nonlinearity
) -> None:
    """On a GPU the engine calls the module; on a CPU the call gives the same states."""
    sequences = ragged([3, 20, 1])
    model = encoder(cell, nonlinearity)
    order = packing_order(sequences.offsets)
    packed = PackedSequence(sequences.values[order.index], order.batch_sizes)
    expected: Tensor = model.layers[0](packed)[0].data[order.inverse]
    states: Sequences = model(sequences)
    torch.testing.assert_close(states.values, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("block", [1, 2, 7, 1000])
@every_cell
def test_the_block_size_changes_nothing(
    cell: Cell, nonlinearity: Nonlinearity, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, sequences = encoder(cell, nonlinearity), ragged([17, 1, 40, 16, 33])
    expected: Sequences = model(sequences)
    monkeypatch.setattr(_packed_engine, "_BLOCK", block)
    states: Sequences = model(sequences)
    torch.testing.assert_close(states.values, expected.values, rtol=1e-5, atol=1e-6)


def test_any_weights_are_supported() -> None:
    assert _packed_engine.PackedEngine.supports(nn.Linear(1, 1, device="meta", dtype=torch.float64).weight)
