"""Steppers one after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch.nn.functional import pad

from seqclf.sequences import Sequences
from seqclf.streaming._protocol import State, Stepper, rows_of, split


class Chain:
    """Each stepper reads the steps that the one before it returns."""

    def __init__(self, steppers: Sequence[Stepper]) -> None:
        self._steppers = list(steppers)
        self._sizes = [len(stepper.start(1)) for stepper in steppers]
        self.looks_ahead: bool = any(stepper.looks_ahead for stepper in steppers)

    def start(self, n_streams: int) -> State:
        """Return the states of all steppers."""
        return tuple(part for stepper in self._steppers for part in stepper.start(n_streams))

    def push(self, state: State, chunk: Sequences, *, last: bool = False) -> tuple[State, Sequences]:
        """Return the state after a chunk, and the steps that leave the last stepper."""
        after: list[State] = []
        for stepper, before in zip(self._steppers, split(state, self._sizes), strict=True):
            if last and stepper.looks_ahead:
                before, chunk = stepper.push(before, chunk, last=True)
            elif chunk.values.shape[0]:
                before, chunk = push_some(stepper.push, before, chunk)
            after.append(before)
        return tuple(part for one in after for part in one), chunk


def push_some(
    push: Callable[[State, Sequences], tuple[State, Sequences]], state: State, chunk: Sequences
) -> tuple[State, Sequences]:
    """Push the streams that have steps; the others keep their state."""
    offsets = chunk.offsets
    if offsets.shape[0] == 2:  # a single stream
        return push(state, chunk)
    has_steps = offsets[1:] > offsets[:-1]
    if bool(has_steps.all()):
        return push(state, chunk)
    rows = has_steps.nonzero()[:, 0]
    static = None if chunk.static is None else chunk.static[rows]
    ends = torch.cat([offsets[:1], offsets[1:][rows]])
    some = Sequences.unchecked(chunk.values, ends, static, chunk.tokens)
    new, steps = push(rows_of(state, rows), some)
    after = tuple(part.clone() for part in state)
    for part, of_some in zip(after, new, strict=True):
        part[rows] = of_some
    lengths = torch.zeros_like(offsets[1:])
    lengths[rows] = steps.lengths
    static = None if steps.static is None else chunk.static
    return after, Sequences.unchecked(steps.values, pad(lengths.cumsum(0), (1, 0)), static, steps.tokens)


class EachStep:
    """Applies a function that maps each step on its own: it has no state."""

    looks_ahead = False

    def __init__(self, function: Callable[[Sequences], Sequences]) -> None:
        self._function = function

    def start(self, n_streams: int) -> State:
        """Return no state."""
        return ()

    def push(self, state: State, chunk: Sequences, *, last: bool = False) -> tuple[State, Sequences]:
        """Return the mapped steps."""
        return state, self._function(chunk)
