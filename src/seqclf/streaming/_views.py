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
        # Before the first step stands the step itself: its difference is 0.
        context = torch.where(begun, observed.to(values.dtype), values[offsets[:-1]])
        streams = torch.arange(len(begun), device=begun.device)
        stream = stream_of_steps(offsets, values.shape[0])
        steps, ends = merged([(context, streams), (values, stream)], len(begun))
        seen = self._transformer.transform(Sequences.unchecked(steps, ends)).values
        is_new = torch.ones(seen.shape[0], dtype=torch.bool, device=seen.device)
        is_new[ends[:-1]] = False
        after = last_steps(carry(chunk, observed), offsets)
        return (after, torch.ones_like(begun)), Sequences.unchecked(seen[is_new], offsets, None, chunk.tokens)
