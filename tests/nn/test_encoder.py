"""Sizes, options and errors of the encoder."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from torch import nn

from seqclf.nn import EngineName, RecurrentEncoder, _encoder
from seqclf.sequences import Sequences, as_sequences

SEQUENCES = as_sequences([[0.1, 0.2, 0.3], [0.4]])


def test_a_tiny_case_by_hand() -> None:
    encoder = RecurrentEncoder("gru", 1, 8, bidirectional=True, num_layers=2)
    assert encoder.output_size == 16
    states = encoder(SEQUENCES)
    assert states.values.shape == (4, 16)
    assert states.lengths.tolist() == [3, 1]
    assert [type(layer) for layer in encoder.layers] == [nn.GRU, nn.GRU]
    assert [layer.input_size for layer in encoder.layers] == [1, 16]


@pytest.mark.parametrize("engine", ["packed", "auto"])
def test_a_residual_stack_with_layer_norm_matches_the_papers(engine: EngineName) -> None:
    encoder = RecurrentEncoder(
        "gru", 1, 3, bidirectional=True, num_layers=3, residual=True, layer_norm=True, engine=engine
    )
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in encoder.norms.parameters():
            parameter.normal_(generator=generator)
    states: Sequences = encoder(SEQUENCES)
    for got, steps in zip(states, SEQUENCES, strict=True):
        data = encoder.layers[0](steps)[0]
        for layer, norm in zip(encoder.layers[1:], encoder.norms[:-1], strict=True):
            data = data + layer(norm(data))[0]
        torch.testing.assert_close(got, encoder.norms[-1](data), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cell": "sru"}, "`cell` must be one of ['rnn', 'gru', 'lstm']; got 'sru'."),
        ({"nonlinearity": "elu"}, "`nonlinearity` must be one of ['tanh', 'relu']; got 'elu'."),
        ({"init": "zero"}, "`init` must be one of ['orthogonal', 'identity', 'torch']; got 'zero'."),
        ({"input_size": 0}, "`input_size` must be at least 1; got 0."),
        ({"hidden_size": 0}, "`hidden_size` must be at least 1; got 0."),
        ({"num_layers": -1}, "`num_layers` must be at least 1; got -1."),
        ({"dropout": 1.0}, "`dropout` must lie in [0, 1); got 1.0. 0 switches dropout off."),
    ],
)
def test_invalid_options_are_rejected(options: dict[str, Any], message: str) -> None:
    all_options: dict[str, Any] = {"cell": "gru", "input_size": 1, "hidden_size": 4} | options
    with pytest.raises(ValueError, match=re.escape(message)):
        RecurrentEncoder(**all_options)


@pytest.mark.parametrize(("input_size", "noun"), [(1, "1 feature at"), (3, "3 features at")])
def test_another_number_of_features_is_rejected(input_size: int, noun: str) -> None:
    message = f"Sequences must have {noun} each step; got 2. Was the encoder made for other data?"
    with pytest.raises(ValueError, match=re.escape(message)):
        RecurrentEncoder("gru", input_size, 4)(as_sequences([[[1.0, 2.0]]]))


def test_initial_weights_depend_on_the_generator_alone() -> None:
    def state(seed: int) -> dict[str, torch.Tensor]:
        return RecurrentEncoder("lstm", 2, 4, generator=torch.Generator().manual_seed(seed)).state_dict()

    before = torch.get_rng_state()
    first, again, other = state(0), state(0), state(1)
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["layers.0.weight_hh_l0"], other["layers.0.weight_hh_l0"])


def test_weights_without_a_generator_differ_and_leave_the_global_state_unchanged() -> None:
    before = torch.get_rng_state()
    first, other = RecurrentEncoder("gru", 1, 4).state_dict(), RecurrentEncoder("gru", 1, 4).state_dict()
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(first["layers.0.weight_hh_l0"], other["layers.0.weight_hh_l0"])


def test_inputs_are_unchanged() -> None:
    values, offsets = SEQUENCES.values.clone(), SEQUENCES.offsets.clone()
    RecurrentEncoder("gru", 1, 4, bidirectional=True, num_layers=2)(SEQUENCES).values.sum().backward()
    assert torch.equal(SEQUENCES.values, values)
    assert torch.equal(SEQUENCES.offsets, offsets)


def test_dropout_comes_after_the_norm(monkeypatch: pytest.MonkeyPatch) -> None:
    """A norm after dropout would change the zeros."""
    encoder = RecurrentEncoder(
        "gru", 1, 8, num_layers=2, layer_norm=True, dropout=0.5, generator=torch.Generator().manual_seed(0)
    ).train()
    read: list[torch.Tensor] = []

    class RecordingEngine:
        precision = "float32"

        def __init__(self, batch: Sequences) -> None:
            self.values = batch.values

        def run_layer(
            self, layer: nn.RNNBase, inputs: torch.Tensor, initial: None
        ) -> tuple[torch.Tensor, None]:
            read.append(inputs)
            return torch.linspace(-1, 1, 800).view(100, 8), None

        def restore_order(self, states: torch.Tensor) -> torch.Tensor:
            return states

    monkeypatch.setattr(_encoder, "choose_engine", lambda *_, strict: RecordingEngine)
    encoder(as_sequences([[1.0] * 100]))
    assert 0.4 < (read[1] == 0).float().mean() < 0.6
