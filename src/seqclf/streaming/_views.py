"""Views of levels and their differences, which need no more than the previous step."""

from __future__ import annotations

import torch

from seqclf.sequences import Sequences
from seqclf.streaming._missing import carry
from seqclf.streaming._protocol import State
from seqclf.streaming._steps import last as last_steps
from seqclf.streaming._steps import merged, new_context, stream_of_steps
from seqclf.transforms import Views


class ViewsStepper:
    """Keeps the last observed values, and lets the transformer read them as a step before the new ones."""

    looks_ahead = False

    def __init__(self, transformer: Views) -> None:
        self._transformer = transformer

    def start(self, n_streams: int) -> State:
        """Return no observations, and that no stream has begun."""
        width = self._transformer.n_features_in_
        return new_context(n_streams, width), torch.zeros(n_streams, 1, dtype=torch.bool, device="cpu")

    def push(self, state: State, chunk: Sequences, *, last: bool = False) -> tuple[State, Sequences]:
        """Return the views of the new steps."""
        (observed, begun), values, offsets = state, chunk.values, chunk.offsets
        has_steps = offsets[1:] > offsets[:-1]
        rows = has_steps.nonzero()[:, 0]
        first = values[offsets[:-1][rows]]  # before the first step stands the step itself: its difference is 0
        context = torch.where(begun[rows], observed[rows].to(values.dtype), first)
        stream = stream_of_steps(offsets, values.shape[0])
        steps, ends = merged([(context, rows), (values, stream)], len(has_steps))
        seen = self._transformer.transform(Sequences.unchecked(steps, ends)).values
        is_new = torch.ones(seen.shape[0], dtype=torch.bool, device=seen.device)
        is_new[ends[:-1][rows]] = False
        after = last_steps(carry(chunk, observed), offsets, observed)
        views = Sequences.unchecked(seen[is_new], offsets, None, chunk.tokens)
        return (after, begun | has_steps[:, None]), views
