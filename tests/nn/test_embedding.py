"""Tokens of each step become learned features."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from torch import nn

from oracles import global_randomness
from seqclf.nn import (
    LinearHead,
    MeanPooling,
    RecurrentEncoder,
    SequenceNetwork,
    TokenEmbedding,
    embedding_size,
)
from seqclf.sequences import Sequences, Tokens, as_sequences

VOCABULARIES = {"activity": ("pay", "start"), "resource": (7,)}
N_TOKENS = {"activity": 3, "resource": 2}
BATCH = as_sequences([[1.0, 2.0], [3.0]], static=[5.0, 6.0]).with_tokens(
    Tokens(torch.tensor([[2, 1], [0, 0], [1, 1]]), VOCABULARIES)
)


def new(size: Any = "auto", seed: int = 0) -> TokenEmbedding:
    return TokenEmbedding(N_TOKENS, size, generator=torch.Generator().manual_seed(seed))


def table(embedding: TokenEmbedding, column: int) -> torch.Tensor:
    one = embedding.tables[column]
    assert isinstance(one, nn.Embedding)
    return one.weight.detach()


def test_a_tiny_case_by_hand() -> None:
    embedding = new({"activity": 1, "resource": 2})
    with torch.no_grad():
        table(embedding, 0).copy_(torch.tensor([[0.0], [10.0], [20.0]]))
        table(embedding, 1).copy_(torch.tensor([[-1.0, -2.0], [-3.0, -4.0]]))
    embedded: Sequences = embedding(BATCH)
    assert embedded.values.tolist() == [
        [1.0, 20.0, -3.0, -4.0],
        [2.0, 0.0, -1.0, -2.0],
        [3.0, 10.0, -3.0, -4.0],
    ]
    assert embedded.tokens is None
    assert torch.equal(embedded.offsets, BATCH.offsets)
    assert embedded.static is BATCH.static


@pytest.mark.parametrize(
    ("n", "size"), [(1, 2), (2, 2), (16, 8), (60, 16), (450, 49), (1000, 50), (10**6, 50)]
)
def test_the_default_size_by_hand(n: int, size: int) -> None:
    assert embedding_size(n) == size


@pytest.mark.parametrize(
    ("size", "sizes"),
    [("auto", [3, 2]), (5, [5, 5]), ({"resource": 4}, [3, 4]), ({"activity": 1, "resource": 1}, [1, 1])],
)
def test_sizes_of_columns(size: Any, sizes: list[int]) -> None:
    embedding = new(size)
    assert [table(embedding, i).shape[1] for i in range(2)] == sizes
    assert embedding.output_size == sum(sizes)
    assert embedding(BATCH).n_features == 1 + sum(sizes)


def test_initial_vectors_are_as_large_as_standardised_features_and_0_for_unknown_tokens() -> None:
    state = global_randomness()
    embedding = TokenEmbedding({"x": 2000}, 8, generator=torch.Generator().manual_seed(0))
    weights = table(embedding, 0)
    assert global_randomness() == state
    assert weights[0].tolist() == [0.0] * 8
    assert float(weights[1:].std()) == pytest.approx(1.0, abs=0.03)
    assert float(weights.mean()) == pytest.approx(0.0, abs=0.03)
    assert torch.equal(table(new(seed=3), 0), table(new(seed=3), 0))
    assert weights.dtype == torch.float32


@pytest.mark.parametrize(
    ("n_tokens", "size", "error", "message"),
    [
        ({}, "auto", ValueError, "An embedding must have at least one token column; got none."),
        (N_TOKENS, 0, ValueError, "`embedding` must be at least 1; got 0."),
        (N_TOKENS, 1.5, TypeError, "`embedding` must be an integer; got 1.5."),
        (N_TOKENS, {"activity": 0}, ValueError, "`embedding['activity']` must be at least 1; got 0."),
        (
            N_TOKENS,
            {"when": 3},
            ValueError,
            "must name token columns, ['activity', 'resource']; got ['when'].",
        ),
        (N_TOKENS, "large", ValueError, "must be \"auto\", an integer or a dict of columns; got 'large'."),
    ],
)
def test_parameters_are_checked(n_tokens: Any, size: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        TokenEmbedding(n_tokens, size)


def test_other_tokens_are_refused() -> None:
    message = "in each token column as the embedding, {'activity': 3, 'resource': 2}; got {}. Was it made for other data?"
    with pytest.raises(ValueError, match=re.escape(message)):
        new()(BATCH.with_tokens(None))
    with pytest.raises(ValueError, match=re.escape("got {'token': 3}")):
        new()(as_sequences(["ab"], vocabulary="auto"))
    more = Tokens(
        torch.tensor([[3, 1], [0, 0], [1, 1]]), VOCABULARIES | {"activity": ("pay", "start", "end")}
    )
    with pytest.raises(ValueError, match=re.escape("got {'activity': 4, 'resource': 2}")):
        new()(BATCH.with_tokens(more))


@pytest.mark.parametrize("static", ["head", "steps", "both"])
def test_a_network_embeds_before_its_encoder(static: Any) -> None:
    n_static = 0 if static == "head" else 1
    encoder = RecurrentEncoder("gru", 1 + 5 + n_static, 4)
    head = LinearHead(4 + (static != "steps"), 3)
    network = SequenceNetwork(encoder, MeanPooling(), head, embedding=new(), static=static)
    logits = network(BATCH)
    assert logits.shape == (2, 3)
    logits.sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
    message = "A network must embed the tokens of its input; got sequences with the token columns ['activity', 'resource']"
    with pytest.raises(ValueError, match=re.escape(message)):
        SequenceNetwork(encoder, MeanPooling(), head, static=static)(BATCH)
