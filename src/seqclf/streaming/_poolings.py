"""Poolings, updated at a cost that does not grow with the steps before."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from seqclf.nn import AttentionPooling
from seqclf.sequences import Sequences
from seqclf.streaming._protocol import PoolingStepper, State, split
from seqclf.streaming._steps import stream_of_steps


class LastStepper:
    """Keeps the last state."""

    def start(self, n_streams: int, n_features: int) -> State:
        """Return NaN: a stream without steps has no last state."""
        return (torch.full((n_streams, n_features), torch.nan, dtype=torch.float32, device="cpu"),)

    def push(self, state: State, chunk: Sequences) -> State:
        """Replace the states."""
        if state[0].shape[0] == 1:
            return (chunk.values[-1:].clone(),)
        return (chunk.values[chunk.offsets[1:] - 1],)

    def summary(self, state: State) -> Tensor:
        """Return the last states."""
        return state[0]


class MeanStepper:
    """Keeps the sum of the states, added up in the order of the steps as `MeanPooling` does, and their number."""

    def start(self, n_streams: int, n_features: int) -> State:
        """Return sums of no states."""
        return (
            torch.zeros(n_streams, n_features, dtype=torch.float32, device="cpu"),
            torch.zeros(n_streams, 1, dtype=torch.int64, device="cpu"),
        )

    def push(self, state: State, chunk: Sequences) -> State:
        """Add the new states."""
        total, count = state
        if total.shape[0] == chunk.values.shape[0] == 1:
            return total + chunk.values, count + 1
        index = stream_of_steps(chunk.offsets, chunk.values.shape[0])
        return total.index_add(0, index, chunk.values), count + chunk.offsets.diff()[:, None]

    def summary(self, state: State) -> Tensor:
        """Return the means; NaN without steps."""
        return state[0] / state[1]


class MaxStepper:
    """Keeps the largest value of each feature."""

    def start(self, n_streams: int, n_features: int) -> State:
        """Return the maximum of no states."""
        return (torch.full((n_streams, n_features), -torch.inf, dtype=torch.float32, device="cpu"),)

    def push(self, state: State, chunk: Sequences) -> State:
        """Compare with the new states."""
        values = chunk.values
        if values.shape[0] > 1 or state[0].shape[0] > 1:
            values = torch.segment_reduce(values, "max", offsets=chunk.offsets, axis=0)
        return (torch.maximum(state[0], values),)

    def summary(self, state: State) -> Tensor:
        """Return the maxima."""
        return state[0]


class AttentionStepper:
    """Keeps the largest score, and the weighted sum of states and the sum of weights relative to it.

    As the online softmax of Milakov and Gimelshein 2018, arXiv:1805.02867.
    """

    def __init__(self, pooling: AttentionPooling) -> None:
        self._pooling = pooling

    def start(self, n_streams: int, n_features: int) -> State:
        """Return sums of no states."""
        return (
            torch.full((n_streams, 1), -torch.inf, dtype=torch.float32, device="cpu"),
            torch.zeros(n_streams, n_features, dtype=torch.float32, device="cpu"),
            torch.zeros(n_streams, 1, dtype=torch.float32, device="cpu"),
        )

    def push(self, state: State, chunk: Sequences) -> State:
        """Add the new states; a larger score than before makes the weights of all others smaller."""
        largest, weighted, total = state
        scores: Tensor = self._pooling.score(self._pooling.project(chunk.values).tanh())  # (n_steps, 1)
        now = torch.maximum(largest, torch.segment_reduce(scores, "max", offsets=chunk.offsets, axis=0))
        index = stream_of_steps(chunk.offsets, scores.shape[0])
        weights = (scores - now.index_select(0, index)).exp()
        # Without steps so far both are -inf; the sums are 0 then, whatever they are multiplied with.
        kept = torch.where(largest == now, torch.ones_like(now), (largest - now).exp())
        return (
            now,
            (weighted * kept).index_add(0, index, weights * chunk.values),
            (total * kept).index_add(0, index, weights),
        )

    def summary(self, state: State) -> Tensor:
        """Return the weighted means; NaN without steps."""
        return state[1] / state[2]


class ConcatStepper:
    """Several poolings of the same states."""

    def __init__(self, parts: Sequence[PoolingStepper]) -> None:
        self._parts = list(parts)
        self._sizes = [len(part.start(1, 1)) for part in parts]

    def start(self, n_streams: int, n_features: int) -> State:
        """Return the states of all parts."""
        return tuple(one for part in self._parts for one in part.start(n_streams, n_features))

    def push(self, state: State, chunk: Sequences) -> State:
        """Update each part."""
        parts = zip(self._parts, split(state, self._sizes), strict=True)
        return tuple(one for part, before in parts for one in part.push(before, chunk))

    def summary(self, state: State) -> Tensor:
        """Return the summaries of all parts, concatenated."""
        parts = zip(self._parts, split(state, self._sizes), strict=True)
        return torch.cat([part.summary(mine) for part, mine in parts], dim=1)
