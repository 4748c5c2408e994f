"""`RecurrentEncoder.run` continues sequences from a state: in a stream, and in truncated backpropagation through time."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from torch import Tensor

from seqclf.kernels import RecurrentState, status
from seqclf.nn import LinearHead, MaxPooling, RecurrentEncoder, SequenceNetwork, prepared
from seqclf.sequences import Sequences, as_sequences

STACKS: dict[str, dict[str, Any]] = {
    "rnn": {"cell": "rnn"},
    "gru": {"cell": "gru", "num_layers": 2},
    "lstm": {"cell": "lstm", "num_layers": 3, "residual": True, "layer_norm": True},
}
ENGINES = ["packed", *(["native"] if status().available else [])]
every_stack = pytest.mark.parametrize("stack", STACKS)
every_engine = pytest.mark.parametrize("engine", ENGINES)


def encoder_of(stack: str, engine: Any, **options: Any) -> RecurrentEncoder:
    generator = torch.Generator().manual_seed(0)
    return RecurrentEncoder(
        input_size=2, hidden_size=5, engine=engine, generator=generator, **STACKS[stack], **options
    )


def pieces() -> tuple[Sequences, Sequences, Sequences]:
    """Return two sequences, their first steps, and the steps that follow."""
    generator = torch.Generator().manual_seed(1)
    whole = [torch.randn(length, 2, generator=generator) for length in (7, 4)]
    return (
        as_sequences(whole),
        as_sequences([whole[0][:3], whole[1][:3]]),
        as_sequences([whole[0][3:], whole[1][3:]]),
    )


def by_sequence(first: Tensor, second: Tensor) -> Tensor:
    """Return the steps of both pieces in the order of whole sequences."""
    return torch.cat([first[:3], second[:4], first[3:], second[4:]])


@every_engine
@every_stack
def test_a_run_from_the_final_state_continues_the_sequences(stack: str, engine: Any) -> None:
    encoder, (whole, first, second) = encoder_of(stack, engine), pieces()
    expected, end = encoder.run(whole)
    some, state = encoder.run(first)
    rest, final = encoder.run(second, state)
    close: dict[str, Any] = {"rtol": 0, "atol": 0 if engine == "native" else 1e-5}
    torch.testing.assert_close(by_sequence(some.values, rest.values), expected.values, **close)
    torch.testing.assert_close(final, end, **close)
    torch.testing.assert_close(encoder(whole).values, expected.values, rtol=0, atol=0)


@every_engine
@every_stack
def test_a_detached_state_truncates_the_gradient(stack: str, engine: Any) -> None:
    encoder, (_, first, second) = encoder_of(stack, engine), pieces()
    steps = first.values.clone().requires_grad_()
    _, state = encoder.run(first.with_values(steps))
    kept, _ = encoder.run(second, state)
    # Not the sum of all features, which layer norm keeps constant.
    (through,) = torch.autograd.grad(kept.values[:, :2].sum(), steps, retain_graph=True)
    assert through.abs().sum() > 0
    detached = [
        RecurrentState(one.hidden.detach(), None if one.memory is None else one.memory.detach())
        for one in state
    ]
    cut, _ = encoder.run(second, detached)
    torch.testing.assert_close(cut.values, kept.values)
    gradients = torch.autograd.grad(cut.values[:, :2].sum(), [*encoder.layers.parameters()])
    assert all(gradient.isfinite().all() for gradient in gradients)
    with pytest.raises(RuntimeError, match=r"not .*used in the graph|not have been used"):
        torch.autograd.grad(encoder.run(second, detached)[0].values.sum(), steps)


def test_a_state_for_each_layer_is_needed() -> None:
    encoder, (_, first, _) = encoder_of("gru", "packed"), pieces()
    _, state = encoder.run(first)
    with pytest.raises(
        ValueError, match=re.escape("must hold a state for each of the 2 layers; got 1. Pass what `run`")
    ):
        encoder.run(first, state[:1])


@pytest.mark.parametrize("bidirectional", [False, True])
@every_engine
@every_stack
def test_a_prepared_network_predicts_bitwise_the_same(stack: str, engine: Any, bidirectional: bool) -> None:
    encoder = encoder_of(stack, engine, bidirectional=bidirectional, dropout=0.0)
    network = SequenceNetwork(encoder, MaxPooling(), LinearHead(encoder.output_size, 3, dropout=0.5))
    whole, *_ = pieces()
    own = prepared(network)
    assert network.training
    assert not own.training
    assert not any(parameter.requires_grad for parameter in own.parameters())
    with torch.no_grad():
        expected = network.eval()(whole)
        assert torch.equal(own(whole), expected)
        for parameter in network.parameters():
            parameter.fill_(1.0)
        assert torch.equal(own(whole), expected)
        assert torch.equal(prepared(own)(whole), expected)


def test_a_prepared_layer_still_checks_its_input() -> None:
    own = prepared(encoder_of("gru", "auto"))
    with pytest.raises(ValueError, match="Sequences must have 2 features at each step; got 1"):
        own(as_sequences([[0.1, 0.2]]))
