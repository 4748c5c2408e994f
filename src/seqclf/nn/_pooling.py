"""Ragged states -> one summary per sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast

import torch
from torch import Tensor, nn

from seqclf._checks import check_boolean, check_integer
from seqclf.nn._initialization import new_linear
from seqclf.sequences import Sequences


class Pooling(Protocol):
    """The interface of a pooling. Estimators take a `torch.nn.Module`, a name or a factory.

    Examples
    --------
    >>> import torch
    >>> from seqclf import as_sequences
    >>> class FirstState(torch.nn.Module):
    ...     def forward(self, states):
    ...         return states.values[states.offsets[:-1]]
    >>> FirstState()(as_sequences([[1, 2, 3], [4]]))
    tensor([[1.],
            [4.]])
    """

    def __call__(self, states: Sequences) -> Tensor:
        """Map states, (n_steps, n_features) in all, to summaries of shape (batch, any)."""
        ...


class LastState(nn.Module):
    """The state after the whole sequence has been read.

    The forward direction has read everything at the last step, the backward direction at the first. With `bidirectional=True`
    the first half of the features is therefore taken at the last step, and the second half at the first.

    Parameters
    ----------
    bidirectional : bool, default=False
        Whether the states come from two directions, forward units first.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.nn import LastState
    >>> LastState()(as_sequences([[1, 2, 3], [4]]))
    tensor([[3.],
            [4.]])
    """

    def __init__(self, *, bidirectional: bool = False) -> None:
        super().__init__()
        self.bidirectional: bool = check_boolean("bidirectional", bidirectional)

    def forward(self, states: Sequences) -> Tensor:
        """Return summaries of shape (batch, n_features)."""
        last = states.offsets[1:] - 1
        if not self.bidirectional:
            return states.values[last]
        if states.n_features % 2:
            raise ValueError(
                "States of two directions must have an even number of features, one half for each; "
                f"got {states.n_features}. Set `bidirectional=False` for states of one direction."
            )
        # One selection, of half rows, instead of two: in the backward pass, each allocates a gradient as large as all states.
        halves = states.values.reshape(2 * len(states.values), states.n_features // 2)
        ends = torch.stack([2 * last, 2 * states.offsets[:-1] + 1], dim=1)  # (batch, 2): rows of `halves`
        return halves[ends].flatten(1)


class MeanPooling(nn.Module):
    """The mean state over a sequence's real steps.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.nn import MeanPooling
    >>> MeanPooling()(as_sequences([[1, 2, 3], [4]]))
    tensor([[2.],
            [4.]])
    """

    def forward(self, states: Sequences) -> Tensor:
        """Return summaries of shape (batch, n_features)."""
        return _segment_sum(states.values, states) / states.lengths[:, None]


class MaxPooling(nn.Module):
    """The largest value of each feature over a sequence's real steps.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.nn import MaxPooling
    >>> MaxPooling()(as_sequences([[1, 3, 2], [-4]]))
    tensor([[ 3.],
            [-4.]])
    """

    def forward(self, states: Sequences) -> Tensor:
        """Return summaries of shape (batch, n_features)."""
        largest: Tensor = _Largest.apply(states.values, states.offsets)  # type: ignore[no-untyped-call]
        return largest


class AttentionPooling(nn.Module):
    """A mean over real steps, weighted by a learned score.

    Each step gets a score `v . tanh(W h + b)`; the softmax over a sequence's scores weights its states.

    Parameters
    ----------
    input_size : int
        Features of the states.
    attention_size : int, default=32
        Units of the scoring network.
    generator : torch.Generator or None, default=None
        Source of the initial weights.

    References
    ----------
    Yang et al., Hierarchical Attention Networks, NAACL 2016, doi:10.18653/v1/N16-1174. Here with one level, steps,
    instead of words and sentences.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.nn import AttentionPooling
    >>> AttentionPooling(1)(as_sequences([[1, 1, 1], [4]])).detach()
    tensor([[1.],
            [4.]])
    """

    def __init__(
        self, input_size: int, *, attention_size: int = 32, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        input_size = check_integer("input_size", input_size)
        attention_size = check_integer("attention_size", attention_size)
        self.project: nn.Linear = new_linear(input_size, attention_size, generator)
        self.score: nn.Linear = new_linear(attention_size, 1, generator, bias=False)

    def forward(self, states: Sequences) -> Tensor:
        """Return summaries of shape (batch, n_features)."""
        hidden: Tensor = self.project(states.values)
        scores: Tensor = self.score(hidden.tanh())  # (n_steps, 1)
        # Subtracting the largest score of each sequence leaves the softmax unchanged, and exp cannot overflow.
        largest = torch.segment_reduce(scores.detach(), "max", offsets=states.offsets, axis=0)
        weights = (scores - largest.repeat_interleave(states.lengths, dim=0)).exp()
        return _segment_sum(weights * states.values, states) / _segment_sum(weights, states)


class ConcatPooling(nn.Module):
    """Several summaries of the same states, concatenated.

    Parameters
    ----------
    parts : sequence of poolings
        At least one.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.nn import ConcatPooling, LastState, MaxPooling
    >>> ConcatPooling([LastState(), MaxPooling()])(as_sequences([[1, 3, 2], [-4]]))
    tensor([[ 2.,  3.],
            [-4., -4.]])
    """

    def __init__(self, parts: Sequence[nn.Module]) -> None:
        super().__init__()
        if not parts:
            raise ValueError("`parts` must hold at least one pooling; got none.")
        self.parts: nn.ModuleList = nn.ModuleList(parts)

    def forward(self, states: Sequences) -> Tensor:
        """Return summaries of shape (batch, sum of the parts' features)."""
        return torch.cat([cast(Tensor, part(states)) for part in self.parts], dim=1)


class _Largest(torch.autograd.Function):
    """The largest value of each sequence and feature; steps that tie share its gradient equally.

    `torch.segment_reduce` divides a positive gradient among them, but gives a negative one to each of them in full.
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(values: Tensor, offsets: Tensor) -> Tensor:
        """Return the largest values, (batch, n_features)."""
        return _segment_max(values, offsets)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        """Keep what the backward pass needs; apart from `forward`, as the transforms of torch.func require."""
        values, offsets = inputs
        ctx.save_for_backward(values, output, offsets)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        """Divide the gradient among the steps that tie, (n_steps, n_features).

        In place where possible: new memory for all steps takes longer than what is computed in it.
        """
        values, largest, offsets = ctx.saved_tensors
        ids = _ids(offsets.diff(), values)  # not in forward: predictions of few sequences do not need them
        is_largest = largest.index_select(0, ids).eq_(values)  # 1 or 0, (n_steps, n_features)
        ties = torch.zeros_like(gradient).index_add(0, ids, is_largest)
        return (gradient / ties).index_select(0, ids).mul_(is_largest), None


_FEW_SEQUENCES = 4
"""Sequences that `torch.segment_reduce` reduces, with equal results. `index_add` and `scatter_reduce` sort indices on several OpenMP
threads, which takes longer for few rows: for one sequence 20 to 30 us instead of 6, and milliseconds where the threads have to wait for a
processor. With more sequences they are faster: for 128 heartbeats with 64 or 128 features on one thread, 3 times the sum and 4 to 6 times
the maximum. Of the sums, only that of `index_add` has a gradient of a gradient."""


def _segment_sum(values: Tensor, like: Sequences) -> Tensor:
    """Sum the rows of each sequence: (n_steps, n_features) -> (batch, n_features)."""
    if len(like) <= _FEW_SEQUENCES and not torch.is_grad_enabled():
        return torch.segment_reduce(values, "sum", offsets=like.offsets, axis=0)
    return values.new_zeros(len(like), values.shape[1]).index_add(0, _ids(like.lengths, values), values)


def _segment_max(values: Tensor, offsets: Tensor) -> Tensor:
    """Return the largest value of each sequence and feature: (n_steps, n_features) -> (batch, n_features)."""
    n_sequences = len(offsets) - 1
    if n_sequences <= _FEW_SEQUENCES:
        return torch.segment_reduce(values, "max", offsets=offsets, axis=0)
    ids = _ids(offsets.diff(), values)[:, None].expand_as(values)
    lowest = values.new_full((n_sequences, values.shape[1]), -torch.inf)
    return lowest.scatter_reduce(0, ids, values, "amax")


def _ids(lengths: Tensor, values: Tensor) -> Tensor:
    """Return the index of each step's sequence, (n_steps,)."""
    return torch.repeat_interleave(lengths, output_size=values.shape[0])
