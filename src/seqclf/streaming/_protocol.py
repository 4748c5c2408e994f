"""What streams a component: its state for each stream, and how steps change it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from seqclf.sequences import Sequences

State = tuple[Tensor, ...]
"""What a stepper carries from one push to the next: tensors with one row for each stream."""


class Stepper(Protocol):
    """Reads sequences piece by piece: the interface for transformers, embeddings, stems and encoders.

    A custom component can stream if it has a method `stepper()` that returns one.

    Examples
    --------
    A custom stem that doubles all values needs no state:

    >>> import torch
    >>> from seqclf import GRUClassifier
    >>> class Double(torch.nn.Module):
    ...     looks_ahead = False
    ...     def forward(self, batch):
    ...         return batch.with_values(2 * batch.values)
    ...     def stepper(self):
    ...         return self
    ...     def start(self, n_streams):
    ...         return ()
    ...     def push(self, state, chunk, *, last=False):
    ...         return state, self(chunk)
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, ["up", "down"] * 8
    >>> model = GRUClassifier(stem=Double(), hidden_size=8, max_epochs=1, random_state=0).fit(X, y)
    >>> stream = model.stream()
    >>> bool(abs(stream.push([[0.1, 0.9]]) - model.predict_proba([[0.1, 0.9]])).max() < 1e-6)
    True
    """

    looks_ahead: bool
    """Whether some of its steps wait for later ones; only then is `push` called with `last=True`."""

    def start(self, n_streams: int) -> State:
        """Return the state before the first step of each stream; its tensors have `n_streams` rows."""
        ...

    def push(self, state: State, chunk: Sequences, *, last: bool = False) -> tuple[State, Sequences]:
        """Return the state after a chunk, and the steps that follow from it.

        Must not change `state`, which is kept if a push fails, nor keep a part of the chunk that is not a copy. Each stream has a step
        in the chunk, but may have none in what is returned. With `last`, nothing follows: return all steps that were waiting. The
        chunk may then have streams without steps; one without any steps has an arbitrary number of features.
        """
        ...


class PoolingStepper(Protocol):
    """Summarises states piece by piece: the interface for poolings.

    A custom pooling can stream if it has a method `stepper()` that returns one.

    Examples
    --------
    >>> import torch
    >>> from seqclf import GRUClassifier
    >>> class Total(torch.nn.Module):
    ...     def forward(self, states):
    ...         return torch.segment_reduce(states.values, "sum", offsets=states.offsets, axis=0)
    ...     def stepper(self):
    ...         return self
    ...     def start(self, n_streams, n_features):
    ...         return (torch.zeros(n_streams, n_features),)
    ...     def push(self, state, chunk):
    ...         return (state[0] + self(chunk),)
    ...     def summary(self, state):
    ...         return state[0]
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, ["up", "down"] * 8
    >>> model = GRUClassifier(pooling=Total(), hidden_size=8, max_epochs=1, random_state=0).fit(X, y)
    >>> model.stream().push([[0.1, 0.9]]).shape
    (1, 2)
    """

    def start(self, n_streams: int, n_features: int) -> State:
        """Return the state before the first step of each stream."""
        ...

    def push(self, state: State, chunk: Sequences) -> State:
        """Return the state after a chunk with at least one step of each stream; `state` must not change."""
        ...

    def summary(self, state: State) -> Tensor:
        """Return the summary of all steps so far, (n_streams, any)."""
        ...


def rows_of(state: State, index: Tensor | None) -> State:
    """Return the rows of some streams; None for all."""
    return state if index is None else tuple(part[index] for part in state)


def split(state: State, sizes: Sequence[int]) -> list[State]:
    """Divide the tensors of a state among the components that they belong to."""
    parts, start = [], 0
    for size in sizes:
        parts.append(state[start : start + size])
        start += size
    return parts


def no_steps(n_streams: int) -> Sequences:
    """Return a chunk without steps."""
    return Sequences.unchecked(
        torch.empty(0, 1, dtype=torch.float32, device="cpu"),
        torch.zeros(n_streams + 1, dtype=torch.int64, device="cpu"),
    )
