"""Steppers one after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from seqclf.sequences import Sequences
from seqclf.streaming._protocol import State, Stepper, split


class Chain:
    """Each stepper reads the steps that the one before it returns."""

    def __init__(self, steppers: Sequence[Stepper]) -> None:
        self._steppers = list(steppers)
        self._sizes = [len(stepper.start(1)) for stepper in steppers]
        self.looks_ahead = any(stepper.looks_ahead for stepper in steppers)

    def start(self, n_streams: int) -> State:
        """Return the states of all steppers."""
        return tuple(part for stepper in self._steppers for part in stepper.start(n_streams))

    def push(self, state: State, chunk: Sequences, *, last: bool = False) -> tuple[State, Sequences]:
        """Return the state after a chunk, and the steps that leave the last stepper."""
        after: list[State] = []
        for stepper, before in zip(self._steppers, split(state, self._sizes), strict=True):
            if chunk.values.shape[0] or (last and stepper.looks_ahead):
                before, chunk = stepper.push(before, chunk, last=last)
            after.append(before)
        return tuple(part for one in after for part in one), chunk


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
