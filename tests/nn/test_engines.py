"""Each engine equals torch's modules on one sequence at a time."""

from __future__ import annotations

import re
from typing import Any, cast

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from oracles import gradients_one_by_one, reference_of, states_one_by_one
from seqclf.kernels import KernelStatus, status
from seqclf.nn import Cell, EngineName, Nonlinearity, RecurrentEncoder
from seqclf.sequences import Sequences, as_sequences

needs_kernels = pytest.mark.skipif(not status().available, reason=status().reason)
ENGINES: list[Any] = ["packed", pytest.param("native", marks=needs_kernels)]
CELLS: list[tuple[Cell, Nonlinearity]] = [("rnn", "tanh"), ("rnn", "relu"), ("gru", "tanh"), ("lstm", "tanh")]


def ragged(lengths: list[int], n_features: int = 2, seed: int = 0) -> Sequences:
    generator = torch.Generator().manual_seed(seed)
    return as_sequences([torch.randn(length, n_features, generator=generator) for length in lengths])


def encoder(cell: Cell, nonlinearity: Nonlinearity = "tanh", **options: Any) -> RecurrentEncoder:
    generator = torch.Generator().manual_seed(1)
    # torch's initialisation has nonzero biases, so that a forgotten bias shows.
    defaults: dict[str, Any] = {"input_size": 2, "hidden_size": 3, "init": "torch", "generator": generator}
    return RecurrentEncoder(cell, nonlinearity=nonlinearity, **defaults | options)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_tiny_case_by_hand(engine: EngineName) -> None:
    one = RecurrentEncoder("rnn", 1, 1, nonlinearity="relu", engine=engine)
    with torch.no_grad():
        for name, value in (
            ("weight_ih_l0", 2.0),
            ("weight_hh_l0", 10.0),
            ("bias_ih_l0", 1.0),
            ("bias_hh_l0", 0),
        ):
            cast(Tensor, getattr(one.layers[0], name)).fill_(value)
    states: Sequences = one(as_sequences([[1], [1, 2]]))
    # relu(2 * 1 + 1) = 3; then relu(2 * 2 + 1 + 10 * 3) = 35.
    assert states.values.flatten().tolist() == [3.0, 3.0, 35.0]
    assert states.lengths.tolist() == [1, 2]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("cell", "nonlinearity"), CELLS)
def test_values_and_gradients_equal_those_of_one_sequence_at_a_time(
    cell: Cell,
    nonlinearity: Nonlinearity,
    bidirectional: bool,
    num_layers: int,
    bias: bool,
    engine: EngineName,
) -> None:
    # Lengths below, at and above the block size of 16 steps, unsorted.
    sequences = ragged([5, 40, 1, 16, 17, 33, 32, 1])
    model = encoder(
        cell, nonlinearity, bidirectional=bidirectional, num_layers=num_layers, bias=bias, engine=engine
    )
    reference = reference_of(model)
    inputs = sequences.values.clone().requires_grad_()
    reference_inputs = sequences.values.clone().requires_grad_()
    states: Sequences = model(sequences.with_values(inputs))
    expected = states_one_by_one(reference, sequences.with_values(reference_inputs))
    torch.testing.assert_close(states.values, expected, rtol=1e-5, atol=1e-6)

    weights = torch.randn(expected.shape, generator=torch.Generator().manual_seed(2))
    (states.values * weights).sum().backward()  # type: ignore[no-untyped-call]
    (expected * weights).sum().backward()  # type: ignore[no-untyped-call]
    torch.testing.assert_close(inputs.grad, reference_inputs.grad, rtol=1e-4, atol=1e-5)
    for depth, layer in enumerate(model.layers):
        grads = {name: parameter.grad for name, parameter in layer.named_parameters()}
        torch.testing.assert_close(grads, gradients_one_by_one(reference, depth), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("engine", ENGINES)
@settings(deadline=None, max_examples=25)
@given(
    lengths=st.lists(st.integers(1, 50), min_size=1, max_size=6),
    cell=st.sampled_from(CELLS),
    bidirectional=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_states_equal_those_of_one_sequence_at_a_time_for_any_lengths(
    engine: EngineName, lengths: list[int], cell: tuple[Cell, Nonlinearity], bidirectional: bool, seed: int
) -> None:
    sequences = ragged(lengths, seed=seed)
    model = encoder(*cell, bidirectional=bidirectional, num_layers=2, engine=engine)
    with torch.no_grad():
        states: Sequences = model(sequences)
        expected = states_one_by_one(reference_of(model), sequences)
    torch.testing.assert_close(states.values, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("cell", "nonlinearity"), CELLS)
def test_a_backward_direction_equals_a_forward_one_on_the_reversed_sequence(
    cell: Cell, nonlinearity: Nonlinearity, engine: EngineName
) -> None:
    both = encoder(cell, nonlinearity, bidirectional=True, engine=engine)
    forward = encoder(cell, nonlinearity, engine=engine)
    backward_weights = {
        name.removesuffix("_reverse"): value
        for name, value in both.layers[0].state_dict().items()
        if name.endswith("_reverse")
    }
    forward.layers[0].load_state_dict(backward_weights)
    sequences = ragged([4, 1, 35])
    mirrored = as_sequences([one.flip(0) for one in sequences])
    with torch.no_grad():
        got: Sequences = both(sequences)
        expected: Sequences = forward(mirrored)
    for states, reference in zip(got, expected, strict=True):
        torch.testing.assert_close(states[:, 3:], reference.flip(0))


@pytest.mark.parametrize("engine", ENGINES)
def test_dropout_is_applied_between_layers_only(engine: EngineName) -> None:
    sequences = ragged([6, 3])
    alone = encoder("gru", dropout=0.9, engine=engine).train()
    stacked = encoder("gru", num_layers=2, dropout=0.9, engine=engine).train()
    with torch.no_grad():
        assert torch.equal(alone(sequences).values, alone.eval()(sequences).values)
        assert not torch.equal(stacked(sequences).values, stacked.eval()(sequences).values)
        assert torch.equal(stacked(sequences).values, stacked(sequences).values)


def test_an_unknown_engine_is_rejected() -> None:
    message = re.escape("`engine` must be one of ['auto', 'native', 'packed']; got 'fast'.")
    with pytest.raises(ValueError, match=message):
        encoder("gru", engine="fast")


def test_the_engine_in_use_is_reported() -> None:
    assert encoder("gru", engine="packed").engine_ == "packed"
    assert encoder("gru").engine_ == ("native" if status().available else "packed")
    assert encoder("gru").double().engine_ == "packed"


@needs_kernels
def test_the_native_engine_rejects_unsupported_weights() -> None:
    model = encoder("gru", engine="native").double()
    with pytest.raises(
        ValueError, match=r"float32 weights on the CPU, .*; got torch\.float64 weights on cpu"
    ):
        model(ragged([2]))


def test_the_native_engine_says_why_kernels_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = KernelStatus(available=False, reason="no working C++ compiler was found")
    monkeypatch.setattr("seqclf.nn._engines.status", lambda: missing)
    monkeypatch.setattr("seqclf.nn._native_engine.status", lambda: missing)
    assert encoder("gru").engine_ == "packed"
    with pytest.raises(ValueError, match=r"got no kernels \(no working C\+\+ compiler was found\)"):
        encoder("gru", engine="native")


@needs_kernels
def test_both_engines_give_the_same_states_with_the_same_weights() -> None:
    native, packed = encoder("lstm", engine="native"), encoder("lstm", engine="packed", generator=None)
    packed.load_state_dict(native.state_dict())
    sequences = ragged([5, 1, 9])
    states: Sequences = native(sequences)
    torch.testing.assert_close(states.values, packed(sequences).values, rtol=1e-5, atol=1e-6)


def test_layers_have_the_parameter_names_of_torch() -> None:
    names = list(encoder("lstm", bidirectional=True).layers[0].state_dict())
    assert names == list(nn.LSTM(2, 3, bidirectional=True).state_dict())
