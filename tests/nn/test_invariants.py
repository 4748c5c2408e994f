"""What always holds, for every encoder and pooling."""

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

from seqclf.nn import (
    AttentionPooling,
    ConcatPooling,
    LastState,
    LinearHead,
    MaxPooling,
    MeanPooling,
    RecurrentEncoder,
    SequenceClassifier,
)
from seqclf.sequences import Sequences, as_sequences
from strategies import Floats, Padded, padded_tables, ragged_arrays

N_FEATURES, HIDDEN = 2, 3
CELLS = [("rnn", "tanh"), ("rnn", "relu"), ("gru", "tanh"), ("lstm", "tanh")]
ENCODERS: dict[str, dict[str, Any]] = {
    f"{cell}-{nonlinearity}-{directions}dir-{layers}layer": {
        "cell": cell,
        "nonlinearity": nonlinearity,
        "bidirectional": directions == 2,
        "num_layers": layers,
    }
    for (cell, nonlinearity), directions, layers in product(CELLS, (1, 2), (1, 2))
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
every_pooling = pytest.mark.parametrize("pooling", [*POOLINGS, "last, mean, max, attention"])
few = settings(deadline=None, max_examples=6)


def make_model(encoder: str, pooling: str) -> SequenceClassifier:
    generator = torch.Generator().manual_seed(0)
    made = RecurrentEncoder(
        input_size=N_FEATURES, hidden_size=HIDDEN, init="torch", generator=generator, **ENCODERS[encoder]
    )
    parts = [POOLINGS[name](made) for name in pooling.split(", ")]
    width = made.output_size * len(parts)
    return SequenceClassifier(made, ConcatPooling(parts), LinearHead(width, 3, generator=generator)).eval()


def small(arrays: list[Floats]) -> list[Floats]:
    """Values of the order of 1: rectified states of hundreds would only measure float32's rounding."""
    return [(array / np.float32(50)).astype(np.float32) for array in arrays]


@torch.no_grad()
def logits_of(model: SequenceClassifier, sequences: Sequences) -> Tensor:
    logits: Tensor = model(sequences)
    return logits


@every_pooling
@every_encoder
@few
@given(padded_tables(garbage=True, n_features=N_FEATURES))
def test_what_stands_behind_a_sequence_is_never_read(encoder: str, pooling: str, padded: Padded) -> None:
    model = make_model(encoder, pooling)
    clean = logits_of(model, as_sequences(padded.arrays))
    for filling in (padded.table, np.where(_behind(padded), np.nan, padded.table)):
        before = filling.copy()
        dirty = logits_of(model, as_sequences(filling, lengths=padded.lengths))
        assert torch.equal(dirty, clean)
        np.testing.assert_array_equal(filling, before)


def _behind(padded: Padded) -> Any:
    steps = np.arange(padded.table.shape[1])
    return (steps >= padded.lengths[:, None])[:, :, None]


@every_pooling
@every_encoder
@few
@given(padded_tables(n_features=N_FEATURES), st.integers(1, 30))
def test_more_padding_changes_nothing(encoder: str, pooling: str, padded: Padded, more: int) -> None:
    model = make_model(encoder, pooling)
    wider = np.pad(padded.table, ((0, 0), (0, more), (0, 0)))
    expected = logits_of(model, as_sequences(padded.table, lengths=padded.lengths))
    assert torch.equal(logits_of(model, as_sequences(wider, lengths=padded.lengths)), expected)
    assert torch.equal(logits_of(model, as_sequences(wider)), logits_of(model, as_sequences(padded.table)))


@every_pooling
@every_encoder
@few
@given(ragged_arrays(n_features=N_FEATURES, max_length=20), st.data())
def test_neighbours_change_nothing(
    encoder: str, pooling: str, arrays: list[Floats], data: st.DataObject
) -> None:
    model, sequences = make_model(encoder, pooling), as_sequences(small(arrays))
    together = logits_of(model, sequences)
    alone = torch.cat([logits_of(model, sequences[[i]]) for i in range(len(sequences))])
    torch.testing.assert_close(together, alone, rtol=1e-5, atol=1e-5)
    order = torch.tensor(data.draw(st.permutations(range(len(sequences)))))
    torch.testing.assert_close(logits_of(model, sequences[order]), together[order], rtol=1e-5, atol=1e-5)
    cut = data.draw(st.integers(1, len(sequences)))
    torch.testing.assert_close(logits_of(model, sequences[:cut]), together[:cut], rtol=1e-5, atol=1e-5)


def mirrored(encoder: RecurrentEncoder) -> RecurrentEncoder:
    """Exchange the two directions of each layer: their weights, and the columns that read their states."""
    twin = copy.deepcopy(encoder)
    for depth, (layer, source) in enumerate(zip(twin.layers, encoder.layers, strict=True)):
        weights = {}
        for name, value in source.state_dict().items():
            other = name.removesuffix("_reverse") if name.endswith("_reverse") else name + "_reverse"
            reads_states = depth > 0 and name.startswith("weight_ih")
            weights[other] = torch.roll(value, HIDDEN, dims=1) if reads_states else value
        layer.load_state_dict(weights)
    return twin


@every_pooling
@pytest.mark.parametrize("encoder", [name for name, options in ENCODERS.items() if options["bidirectional"]])
@few
@given(ragged_arrays(n_features=N_FEATURES, max_length=20))
def test_time_reversal_exchanges_the_directions(encoder: str, pooling: str, arrays: list[Floats]) -> None:
    model = make_model(encoder, pooling)
    assert isinstance(model.encoder, RecurrentEncoder)
    twin = SequenceClassifier(mirrored(model.encoder), copy.deepcopy(model.pooling), nn.Identity())
    for part in twin.pooling.modules():
        if isinstance(part, AttentionPooling):
            with torch.no_grad():
                part.project.weight.copy_(torch.roll(part.project.weight, HIDDEN, dims=1))
    steps = [torch.from_numpy(array) for array in small(arrays)]
    with torch.no_grad():
        forward = model.summarize(as_sequences(steps))
        backward = twin.summarize(as_sequences([one.flip(0) for one in steps]))
    exchanged = torch.cat(
        [torch.roll(part, HIDDEN, dims=1) for part in backward.split(2 * HIDDEN, dim=1)], dim=1
    )
    torch.testing.assert_close(exchanged, forward, rtol=1e-5, atol=1e-5)


@every_pooling
@every_encoder
def test_inputs_weights_and_global_randomness_are_unchanged(encoder: str, pooling: str) -> None:
    state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()  # type: ignore[index]  # noqa: NPY002
    model = make_model(encoder, pooling).train()
    sequences = as_sequences([np.ones((3, 2)), np.zeros((1, 2))])
    values, weights = sequences.values.clone(), copy.deepcopy(model.state_dict())
    logits: Tensor = model(sequences)
    logits.sum().backward()  # type: ignore[no-untyped-call]
    assert torch.equal(sequences.values, values)
    assert all(torch.equal(weights[name], value) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_state)  # type: ignore[index]  # noqa: NPY002
