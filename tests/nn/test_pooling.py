"""Summaries of ragged states, by hand."""

from __future__ import annotations

import re

import pytest
import torch
from torch import Tensor, nn

from seqclf.nn import AttentionPooling, ConcatPooling, LastState, MaxPooling, MeanPooling
from seqclf.sequences import Sequences, as_sequences

STATES = as_sequences([[[1.0, -1.0], [3.0, -5.0], [2.0, -3.0]], [[4.0, 7.0]]])


def test_the_last_state_of_one_direction() -> None:
    assert LastState()(STATES).tolist() == [[2.0, -3.0], [4.0, 7.0]]


def test_the_last_state_of_the_backward_direction_is_at_the_first_step() -> None:
    assert LastState(bidirectional=True)(STATES).tolist() == [[2.0, -1.0], [4.0, 7.0]]


def test_the_mean_divides_by_the_real_steps() -> None:
    assert MeanPooling()(STATES).tolist() == [[2.0, -3.0], [4.0, 7.0]]


def test_the_maximum_can_be_negative() -> None:
    assert MaxPooling()(STATES).tolist() == [[3.0, -1.0], [4.0, 7.0]]


def test_attention_weights_are_the_softmax_of_the_scores() -> None:
    pooling = AttentionPooling(1, attention_size=1)
    with torch.no_grad():
        pooling.project.weight.fill_(100.0)  # so that tanh is -1, 0 or 1
        pooling.score.weight.fill_(2.0)
    summary = pooling(as_sequences([[-1.0, 0.0, 1.0], [5.0]])).detach()
    e = torch.tensor([-2.0, 0.0, 2.0]).exp()
    expected = (e[2] - e[0]) / e.sum()
    torch.testing.assert_close(summary, torch.tensor([[expected], [5.0]]))


def test_attention_with_equal_scores_is_the_mean() -> None:
    pooling = AttentionPooling(2)
    with torch.no_grad():
        pooling.score.weight.zero_()
    torch.testing.assert_close(pooling(STATES).detach(), MeanPooling()(STATES))


@pytest.mark.parametrize("size", [1e4, -1e4, 1e30])
def test_attention_with_huge_scores_does_not_overflow(size: float) -> None:
    pooling = AttentionPooling(2, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        pooling.score.weight.fill_(size)
    summary: Tensor = pooling(STATES)
    summary.sum().backward()  # type: ignore[no-untyped-call]
    assert summary.isfinite().all()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in pooling.parameters())
    assert summary[1].tolist() == [4.0, 7.0]


def test_large_scores_of_one_sequence_do_not_underflow_those_of_another() -> None:
    """With a maximum over the batch instead of the sequence, the weights would be 0 / 0."""
    pooling = AttentionPooling(1, attention_size=1)
    with torch.no_grad():
        pooling.project.weight.fill_(100.0)
        pooling.score.weight.fill_(1e3)
    assert pooling(as_sequences([[1.0, 1.0], [-1.0, -1.0]])).tolist() == [[1.0], [-1.0]]


def test_several_summaries_are_concatenated() -> None:
    pooling = ConcatPooling([LastState(), MeanPooling(), MaxPooling()])
    assert pooling(STATES).tolist() == [[2, -3, 2, -3, 3, -1], [4, 7, 4, 7, 4, 7]]


def test_parameters_of_all_parts_are_registered() -> None:
    assert len(list(ConcatPooling([AttentionPooling(2), MaxPooling()]).parameters())) == 3


def test_a_list_without_parts_is_rejected() -> None:
    with pytest.raises(ValueError, match=re.escape("`parts` must hold at least one pooling; got none.")):
        ConcatPooling([])


@pytest.mark.parametrize("pooling", [LastState(), MeanPooling(), MaxPooling(), AttentionPooling(2)])
def test_gradients_equal_those_of_one_sequence_at_a_time(pooling: nn.Module) -> None:
    together, separate = STATES.values.clone().requires_grad_(), STATES.values.clone().requires_grad_()
    summary: Tensor = pooling(STATES.with_values(together))
    all_separate = STATES.with_values(separate)
    ones: list[Tensor] = [pooling(Sequences(one, torch.tensor([0, len(one)]))) for one in all_separate]
    torch.testing.assert_close(summary, torch.cat(ones))
    weights = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    (summary * weights).sum().backward()  # type: ignore[no-untyped-call]
    (torch.cat(ones) * weights).sum().backward()  # type: ignore[no-untyped-call]
    torch.testing.assert_close(together.grad, separate.grad)


@pytest.mark.parametrize("n_sequences", [2, 5])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_tied_steps_share_the_gradient_of_the_maximum(sign: float, n_sequences: int) -> None:
    values = torch.tensor([[2.0], [1.0], [2.0], *[[5.0]] * (n_sequences - 1)], requires_grad=True)
    offsets = torch.tensor([0, *range(3, n_sequences + 3)])
    largest: Tensor = MaxPooling()(Sequences(values, offsets))
    (sign * largest).sum().backward()  # type: ignore[no-untyped-call]
    assert values.grad is not None
    assert values.grad.flatten().tolist() == [sign / 2, 0.0, sign / 2] + [sign] * (n_sequences - 1)


def test_a_mean_in_bfloat16_counts_every_step() -> None:
    """In bfloat16, 256 + 1 is 256: torch must accumulate in a wider type."""
    states = Sequences(torch.ones(2000, 1), torch.tensor([0, 2000]))
    half = states.with_values(states.values.bfloat16())
    assert MeanPooling()(half).item() == pytest.approx(1.0, abs=0.01)


def test_last_state_of_two_directions_refuses_an_odd_number_of_features() -> None:
    message = r"States of two directions must have an even number of features, one half for each; got 3\."
    with pytest.raises(ValueError, match=message):
        LastState(bidirectional=True)(as_sequences([[[1.0, 2.0, 3.0]]]))


@pytest.mark.parametrize("width", [1, 2, 31, 64, 130])
def test_sums_of_few_sequences_are_those_of_many(width: int) -> None:
    """Without gradients, another operator of torch adds the rows of few sequences; it must add them in the same order."""
    states = as_sequences([torch.randn(1 + 37 * i % 200, width) for i in range(9)])
    expected = MeanPooling()(states)
    with torch.no_grad():
        for n in range(1, 9):
            assert torch.equal(MeanPooling()(states[:n]), expected[:n])


@pytest.mark.parametrize("width", [1, 2, 31, 64, 130])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_maxima_of_few_sequences_are_those_of_many(width: int, dtype: torch.dtype) -> None:
    """Another operator of torch compares the rows of few sequences."""
    states = as_sequences([torch.randn(1 + 37 * i % 200, width) for i in range(9)])
    states = states.with_values(states.values.to(dtype))
    states.values[-1, 0] = -torch.inf
    states.values[3, -1] = torch.inf
    states.values[5, 0] = torch.nan
    expected = torch.stack([steps.amax(dim=0) for steps in states])
    for n in range(1, 10):
        torch.testing.assert_close(MaxPooling()(states[:n]), expected[:n], rtol=0, atol=0, equal_nan=True)
