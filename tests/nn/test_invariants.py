"""Invariants of every encoder and pooling."""

from __future__ import annotations

import copy
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from oracles import global_randomness
from seqclf.kernels import status
from seqclf.nn import (
    AttentionPooling,
    ConcatPooling,
    LastState,
    LinearHead,
    MaxPooling,
    MeanPooling,
    RecurrentEncoder,
    SequenceNetwork,
)
from seqclf.sequences import Sequences, as_sequences
from strategies import Floats, Padded, padded_tables, ragged_arrays

N_FEATURES, HIDDEN = 2, 3
CELLS = [("rnn", "tanh"), ("rnn", "relu"), ("gru", "tanh"), ("lstm", "tanh")]
ENGINES = ["packed", *(["native"] if status().available else [])]
ENCODERS: dict[str, dict[str, Any]] = {
    f"{engine}-{cell}-{nonlinearity}-{directions}dir-{layers}layer": {
        "engine": engine,
        "cell": cell,
        "nonlinearity": nonlinearity,
        "bidirectional": directions == 2,
        "num_layers": layers,
    }
    for engine, (cell, nonlinearity), directions, layers in product(ENGINES, CELLS, (1, 2), (1, 2))
} | {
    f"{engine}-gru-residual-normalised": {
        "engine": engine,
        "cell": "gru",
        "bidirectional": True,
        "num_layers": 3,
        "residual": True,
        "layer_norm": True,
    }
    for engine in ENGINES
}
POOLINGS: dict[str, Callable[[RecurrentEncoder], nn.Module]] = {
    "last": lambda encoder: LastState(bidirectional=encoder.bidirectional),
    "mean": lambda _: MeanPooling(),
    "max": lambda _: MaxPooling(),
    "attention": lambda encoder: AttentionPooling(
        encoder.output_size, generator=torch.Generator().manual_seed(1)
    ),
}
every_encoder = pytest.mark.parametrize("encoder", ENCODERS)
few = settings(deadline=None, max_examples=10)


def make_model(encoder: str) -> SequenceNetwork:
    """Return a network with all poolings concatenated, so that each has its own columns of the summary."""
    generator = torch.Generator().manual_seed(0)
    made = RecurrentEncoder(
        input_size=N_FEATURES, hidden_size=HIDDEN, init="torch", generator=generator, **ENCODERS[encoder]
    )
    parts = [make(made) for make in POOLINGS.values()]
    head = LinearHead(made.output_size * len(parts), 3, generator=generator)
    return SequenceNetwork(made, ConcatPooling(parts), head).eval()


@torch.no_grad()
def outputs(model: SequenceNetwork, sequences: Sequences) -> dict[str, Tensor]:
    """Return the summary of each pooling, and the logits of all of them."""
    summary = model.summarize(sequences)
    logits: Tensor = model(sequences)
    pieces = torch.tensor_split(summary, len(POOLINGS), dim=1)
    return dict(zip(POOLINGS, pieces, strict=True)) | {"logits": logits}


def assert_equal(got: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    torch.testing.assert_close(got, expected, rtol=0, atol=0)


def assert_close(got: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-5)


def small(arrays: list[Floats]) -> list[Floats]:
    """Return values of the order of 1: with rectified states in the hundreds, only float32 rounding would be measured."""
    return [(array / np.float32(50)).astype(np.float32) for array in arrays]


@every_encoder
@few
@given(padded_tables(garbage=True, n_features=N_FEATURES))
def test_padding_content_is_never_read(encoder: str, padded: Padded) -> None:
    model = make_model(encoder)
    clean = outputs(model, as_sequences(padded.arrays))
    for table in (padded.table, np.where(_is_padding(padded), np.nan, padded.table)):
        before = table.copy()
        assert_equal(outputs(model, as_sequences(table, lengths=padded.lengths)), clean)
        np.testing.assert_array_equal(table, before)


def _is_padding(padded: Padded) -> Any:
    steps = np.arange(padded.table.shape[1])
    return (steps >= padded.lengths[:, None])[:, :, None]


@every_encoder
@few
@given(padded_tables(n_features=N_FEATURES), st.integers(1, 30))
def test_padding_amount_changes_nothing(encoder: str, padded: Padded, more: int) -> None:
    model, table = make_model(encoder), padded.table
    wider = np.pad(table, ((0, 0), (0, more), (0, 0)))
    with_lengths = outputs(model, as_sequences(wider, lengths=padded.lengths))
    assert_equal(with_lengths, outputs(model, as_sequences(table, lengths=padded.lengths)))
    assert_equal(outputs(model, as_sequences(wider)), outputs(model, as_sequences(table)))


@every_encoder
@few
@given(ragged_arrays(n_features=N_FEATURES, max_length=20), st.data())
def test_neighbours_change_nothing(encoder: str, arrays: list[Floats], data: st.DataObject) -> None:
    model, sequences = make_model(encoder), as_sequences(small(arrays))
    together = outputs(model, sequences)
    assert_same = assert_equal if model.engine_ == "native" else assert_close

    def chosen(index: Any) -> dict[str, Tensor]:
        return {name: output[index] for name, output in together.items()}

    for i in range(len(sequences)):
        assert_same(outputs(model, sequences[[i]]), chosen([i]))
    order = data.draw(st.permutations(range(len(sequences))))
    assert_same(outputs(model, sequences[order]), chosen(order))
    cut = data.draw(st.integers(1, len(sequences)))
    assert_same(outputs(model, sequences[:cut]), chosen(slice(cut)))


def mirrored(encoder: RecurrentEncoder) -> RecurrentEncoder:
    """Return a copy with the directions of each layer swapped: their weights, and the columns that read their states."""
    twin = copy.deepcopy(encoder)
    for depth, (layer, source) in enumerate(zip(twin.layers, encoder.layers, strict=True)):
        weights = {}
        for name, value in source.state_dict().items():
            other = name.removesuffix("_reverse") if name.endswith("_reverse") else name + "_reverse"
            reads_states = depth > 0 and name.startswith("weight_ih")
            weights[other] = torch.roll(value, HIDDEN, dims=1) if reads_states else value
        layer.load_state_dict(weights)
    return twin


@pytest.mark.parametrize("encoder", [name for name, options in ENCODERS.items() if options["bidirectional"]])
@few
@given(ragged_arrays(n_features=N_FEATURES, max_length=20))
def test_reversing_time_swaps_the_directions(encoder: str, arrays: list[Floats]) -> None:
    model = make_model(encoder)
    assert isinstance(model.encoder, RecurrentEncoder)
    twin = SequenceNetwork(mirrored(model.encoder), copy.deepcopy(model.pooling), model.head).eval()
    with torch.no_grad():
        for part in twin.pooling.modules():
            if isinstance(part, AttentionPooling):
                part.project.weight.copy_(torch.roll(part.project.weight, HIDDEN, dims=1))
    steps = [torch.from_numpy(array) for array in small(arrays)]
    forward = outputs(model, as_sequences(steps))
    backward = outputs(twin, as_sequences([one.flip(0) for one in steps]))
    for name in POOLINGS:
        swapped = torch.roll(backward[name], HIDDEN, dims=1)
        torch.testing.assert_close(swapped, forward[name], rtol=1e-5, atol=1e-5, msg=name)


@every_encoder
def test_inputs_weights_and_global_random_states_are_unchanged(encoder: str) -> None:
    before = global_randomness()
    model = make_model(encoder).train()
    sequences = as_sequences([np.ones((3, 2)), np.zeros((1, 2))])
    values, weights = sequences.values.clone(), copy.deepcopy(model.state_dict())
    logits: Tensor = model(sequences)
    logits.sum().backward()  # type: ignore[no-untyped-call]
    assert torch.equal(sequences.values, values)
    assert all(torch.equal(weights[name], value) for name, value in model.state_dict().items())
    assert global_randomness() == before
