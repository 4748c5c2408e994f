"""Initial weights of layers."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from seqclf.nn import (
    AttentionPooling,
    Cell,
    ConvolutionalStem,
    Initialization,
    LinearHead,
    MLPHead,
    RecurrentEncoder,
)

GATES: dict[Cell, int] = {"rnn": 1, "gru": 3, "lstm": 4}


def layer(cell: Cell, init: Initialization = "orthogonal", *, hidden_size: int = 6) -> dict[str, Tensor]:
    encoder = RecurrentEncoder(
        cell, 3, hidden_size, bidirectional=True, init=init, generator=torch.Generator().manual_seed(0)
    )
    return encoder.layers[0].state_dict()


@pytest.mark.parametrize("suffix", ["", "_reverse"])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_the_recurrent_matrix_of_each_gate_is_orthogonal(cell: Cell, suffix: str) -> None:
    gates = torch.split(layer(cell)["weight_hh_l0" + suffix], 6)
    assert len(gates) == GATES[cell]
    for gate in gates:
        torch.testing.assert_close(gate @ gate.T, torch.eye(6))
    assert len({gate.sum().item() for gate in gates}) == len(gates), "each gate has a different matrix"


def test_identity_matrices_by_hand() -> None:
    assert layer("rnn", "identity", hidden_size=2)["weight_hh_l0"].tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert torch.equal(layer("lstm", "identity")["weight_hh_l0"], torch.eye(6).repeat(4, 1))


@pytest.mark.parametrize("init", ["orthogonal", "identity"])
def test_only_the_forget_gate_has_a_bias_of_1(init: Initialization) -> None:
    weights = layer("lstm", init, hidden_size=2)
    assert weights["bias_ih_l0"].tolist() == [0, 0, 1, 1, 0, 0, 0, 0]  # gates i, f, g, o
    assert weights["bias_ih_l0_reverse"].tolist() == [0, 0, 1, 1, 0, 0, 0, 0]
    assert not weights["bias_hh_l0"].any()
    assert not layer("gru", init)["bias_ih_l0"].any()


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_input_weights_of_each_gate_are_xavier(cell: Cell) -> None:
    bound = math.sqrt(6 / (3 + 6))  # of one gate: 3 inputs, 6 units
    for gate in torch.split(layer(cell)["weight_ih_l0"], 6):
        assert gate.abs().max() <= bound
        assert gate.abs().max() > 0.8 * bound


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_torchs_initialisation_stays_within_torchs_bounds(cell: Cell) -> None:
    weights = layer(cell, "torch", hidden_size=16)
    for parameter in weights.values():
        assert parameter.abs().max() <= 0.25  # 1 / sqrt(16)
        assert parameter.abs().max() > 0.8 * 0.25


def test_a_linear_layer_has_xavier_weights_and_zero_bias() -> None:
    before = torch.get_rng_state()
    head = LinearHead(30, 20, generator=torch.Generator().manual_seed(0)).linear
    bound = math.sqrt(6 / 50)
    assert 0.9 * bound < head.weight.abs().max() <= bound
    assert not head.bias.any()
    score = AttentionPooling(4, generator=torch.Generator().manual_seed(0)).score
    assert [name for name, _ in score.named_parameters()] == ["weight"]
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("size", [10**9, 10**18])
@pytest.mark.parametrize(
    "make",
    [
        lambda size: RecurrentEncoder("gru", 2, size),
        lambda size: RecurrentEncoder("rnn", size, size),
        lambda size: MLPHead(size, 2, hidden_size=size),
        lambda size: AttentionPooling(size, attention_size=size),
        lambda size: ConvolutionalStem(size, size),
    ],
)
def test_a_layer_that_does_not_fit_into_memory_is_named(make: Any, size: int) -> None:
    with pytest.raises(
        ValueError,
        match=rf"A layer must fit into memory; got one of .*{size}.* outputs, for which torch raised",
    ):
        make(size)
