"""Heads map summaries to logits."""

from __future__ import annotations

import torch

from seqclf.nn import LinearHead, MLPHead


def test_a_linear_head_by_hand() -> None:
    head = LinearHead(2, 2)
    with torch.no_grad():
        head.linear.weight.copy_(torch.tensor([[1.0, 2.0], [0.0, -1.0]]))
        head.linear.bias.copy_(torch.tensor([0.5, 0.0]))
    assert head(torch.tensor([[3.0, 4.0]])).tolist() == [[11.5, -4.0]]


def test_a_perceptron_by_hand() -> None:
    head = MLPHead(1, 2, hidden_size=2)
    with torch.no_grad():
        head.hidden.weight.copy_(torch.tensor([[1.0], [-1.0]]))
        head.linear.weight.copy_(torch.tensor([[2.0, 0.0], [0.0, 3.0]]))
    assert head(torch.tensor([[5.0], [-5.0]])).tolist() == [[10.0, 0.0], [0.0, 15.0]]


def test_dropout_is_active_in_training_only_and_draws_from_the_generator() -> None:
    summary = torch.ones(4, 6)
    before = torch.get_rng_state()
    for kind in (LinearHead, MLPHead):
        first = kind(6, 3, dropout=0.5, generator=torch.Generator().manual_seed(0))
        again = kind(6, 3, dropout=0.5, generator=torch.Generator().manual_seed(0))
        assert torch.equal(first(summary), again(summary))
        assert not torch.equal(first(summary), first.eval()(summary))
        assert torch.equal(first(summary), first(summary))
    assert torch.equal(torch.get_rng_state(), before)
