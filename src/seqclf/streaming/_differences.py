"""Differences to the previous step, which may be that of the push before."""

from __future__ import annotations

import torch
from torch import Tensor

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences
from seqclf.streaming._protocol import State
from seqclf.streaming._steps import last as last_steps
from seqclf.streaming._steps import new_context, previous
from seqclf.transforms import Differences, TimeDeltas


class DifferencesStepper:
    """Keeps the last step."""

    looks_ahead = False

    def __init__(self, transformer: Differences) -> None:
        self._width, self._append = transformer.n_features_in_, transformer.append

    def start(self, n_streams: int) -> State:
        """Return no last step."""
        return (new_context(n_streams, self._width),)

    def push(self, state: State, chunk: Sequences, *, last: bool = False) -> tuple[State, Sequences]:
        """Append or return the differences."""
        (context,), values = state, chunk.values
        differences = values - previous(chunk, context)
        new = torch.cat([values, differences], dim=1) if self._append else differences
        return (last_steps(values, chunk.offsets),), chunk.with_values(new)


class TimeDeltasStepper:
    """Keeps the last time."""

    looks_ahead = False

    def __init__(self, transformer: TimeDeltas) -> None:
        self._column, self._log, self._keep = transformer.column, transformer.log, transformer.keep

    def start(self, n_streams: int) -> State:
        """Return no last time."""
        return (new_context(n_streams, 1),)

    def push(self, state: State, chunk: Sequences, *, last: bool = False) -> tuple[State, Sequences]:
        """Replace times by the time since the previous step, or append it."""
        (context,), values, column = state, chunk.values, self._column
        since, after = since_previous(chunk, column, context)
        since = (since.log1p() if self._log else since).to(values.dtype)
        if self._keep:
            return (after,), chunk.with_values(torch.cat([values, since], dim=1))
        new = values.clone()
        new[:, column] = since[:, 0]
        return (after,), chunk.with_values(new)


def since_previous(chunk: Sequences, column: int, context: Tensor) -> tuple[Tensor, Tensor]:
    """Return the time since the previous step, (n_steps, 1), and the last times, (n_streams, 1), float64; raise if a time decreases."""
    times = chunk.with_values(chunk.values[:, column : column + 1].double())
    if bool((unknown := times.values.isnan()).any()):
        raise InvalidSequenceError(
            f"Every step must have a time; got NaN in step {int(unknown.nonzero()[0, 0])} of the pushed steps, feature {column}. Fill in "
            "times, or drop such steps."
        )
    before = previous(times, context)
    since = times.values - before
    if bool((earlier := since < 0).any()):
        step = int(earlier.nonzero()[0, 0])
        raise InvalidSequenceError(
            f"Times must not decrease within a stream; got {float(times.values[step])!r} after {float(before[step])!r} in feature "
            f"{column}. Push steps in the order of time, and call `reset` or `finish` before another sequence begins."
        )
    return since, last_steps(times.values, chunk.offsets)
