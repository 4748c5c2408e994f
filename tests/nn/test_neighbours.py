"""On the native engine, a prediction is bitwise independent of its batch: of mates, place and size, and of the threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from kernels.cases import needs_kernels
from seqclf.nn import (
    AttentionPooling,
    ConcatPooling,
    ConvolutionalStem,
    LastState,
    LinearHead,
    MaxPooling,
    MeanPooling,
    MLPHead,
    RecurrentEncoder,
    SequenceNetwork,
)
from seqclf.sequences import Sequences, as_sequences

pytestmark = needs_kernels

ENCODERS: dict[str, dict[str, Any]] = {
    "rnn": {"cell": "rnn"},
    "relu": {"cell": "rnn", "nonlinearity": "relu", "init": "identity"},
    "gru": {"cell": "gru", "num_layers": 2},
    "lstm": {"cell": "lstm", "bidirectional": True},
    "normalised": {
        "cell": "gru",
        "num_layers": 2,
        "residual": True,
        "layer_norm": True,
        "bidirectional": True,
    },
}
POOLINGS: dict[str, Callable[[RecurrentEncoder, torch.Generator], nn.Module]] = {
    "last": lambda encoder, _: LastState(bidirectional=encoder.bidirectional),
    "mean": lambda encoder, _: MeanPooling(),
    "max": lambda encoder, _: MaxPooling(),
    "attention": lambda encoder, generator: AttentionPooling(encoder.output_size, generator=generator),
    "all": lambda encoder, generator: ConcatPooling(
        [POOLINGS[name](encoder, generator) for name in ("last", "mean", "max", "attention")]
    ),
}
HEADS: dict[str, Callable[..., nn.Module]] = {"linear": LinearHead, "mlp": MLPHead}
# Enough rows that a BLAS library chooses another algorithm for a part of them.
GENERATOR = torch.Generator().manual_seed(0)
BATCH = as_sequences(
    [torch.randn(1 + i * 7 % 23, 2, generator=GENERATOR) for i in range(300)],
    static=torch.randn(300, 3, generator=GENERATOR),
)


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Restore the number of threads."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def network(
    encoder: str, pooling: str, head: str, *, stem: bool = False, static: Any = "head", n_classes: int = 5
) -> SequenceNetwork:
    generator = torch.Generator().manual_seed(1)
    at_steps = 3 if static in ("steps", "both") else 0
    convolutions = ConvolutionalStem(2 + at_steps, 21, generator=generator) if stem else None
    made = RecurrentEncoder(
        input_size=21 if stem else 2 + at_steps, hidden_size=21, generator=generator, **ENCODERS[encoder]
    )
    pooled = POOLINGS[pooling](made, generator)
    width = made.output_size * (4 if pooling == "all" else 1) + (3 if static in ("head", "both") else 0)
    top = HEADS[head](width, n_classes, generator=generator)
    return SequenceNetwork(made, pooled, top, stem=convolutions, static=static).eval()


@torch.no_grad()
def logits_of(model: SequenceNetwork, batch: Sequences) -> Tensor:
    logits: Tensor = model(batch)
    return logits


def assert_independent(model: SequenceNetwork) -> None:
    torch.set_num_threads(1)
    together = logits_of(model, BATCH)
    for n in (1, 2, 3, 5, 8, 16, 33, 97, 255):
        assert torch.equal(logits_of(model, BATCH[:n]), together[:n]), n
        assert torch.equal(logits_of(model, BATCH[-n:]), together[-n:]), n
    order = torch.randperm(len(BATCH), generator=torch.Generator().manual_seed(2))
    assert torch.equal(logits_of(model, BATCH[order]), together[order])
    torch.set_num_threads(2)
    assert torch.equal(logits_of(model, BATCH), together)


@pytest.mark.parametrize(("encoder", "pooling", "head"), list(product(ENCODERS, POOLINGS, HEADS)))
def test_a_prediction_does_not_depend_on_its_batch(encoder: str, pooling: str, head: str) -> None:
    assert_independent(network(encoder, pooling, head))


@pytest.mark.parametrize("static", ["head", "steps", "both"])
@pytest.mark.parametrize("head", HEADS)
def test_nor_with_convolutions_and_static_features(head: str, static: str) -> None:
    assert_independent(network("gru", "all", head, stem=True, static=static))


@pytest.mark.parametrize("n_classes", [1, 2, 3, 4, 17])
@pytest.mark.parametrize("head", HEADS)
def test_nor_with_any_number_of_classes(head: str, n_classes: int) -> None:
    assert_independent(network("gru", "all", head, n_classes=n_classes))


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(list(ENCODERS)),
    st.sampled_from(list(POOLINGS)),
    st.sampled_from(list(HEADS)),
    st.booleans(),
    st.lists(st.integers(0, len(BATCH) - 1), min_size=1, max_size=80),
)
def test_nor_in_any_other_batch(encoder: str, pooling: str, head: str, stem: bool, chosen: list[int]) -> None:
    model = network(encoder, pooling, head, stem=stem)
    expected = torch.cat([logits_of(model, BATCH[[i]]) for i in sorted(set(chosen))])
    position = {i: place for place, i in enumerate(sorted(set(chosen)))}
    assert torch.equal(logits_of(model, BATCH[chosen]), expected[[position[i] for i in chosen]])
