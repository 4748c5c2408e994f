"""Downsampling: the steps of a window that is not complete wait."""

from __future__ import annotations

import torch

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences
from seqclf.streaming._protocol import State
from seqclf.streaming._steps import merged, stream_of_steps
from seqclf.streaming._windows import Waiting, slide, start_waiting
from seqclf.transforms import Downsample


class DownsampleStepper:
    """Keeps the steps of a window until it is complete, and the precision that they came in."""

    looks_ahead = True

    def __init__(self, transformer: Downsample) -> None:
        self._transformer, self._factor = transformer, int(transformer.factor)

    def start(self, n_streams: int) -> State:
        """Return no steps."""
        width = self._transformer.n_features_in_
        waiting = start_waiting(n_streams, self._factor, width, 0, torch.float64)
        return (*waiting, torch.ones(n_streams, dtype=torch.bool, device="cpu"))

    def push(self, state: State, chunk: Sequences, *, last: bool = False) -> tuple[State, Sequences]:
        """Return one step for each complete window and, at the end, for the steps that are left."""
        if chunk.tokens is not None:
            raise InvalidSequenceError(
                "`Downsample` must read steps without tokens in a stream; got token columns "
                f"{list(chunk.n_tokens)!r:.200}. Train without it, or without tokens."
            )
        *waiting, is_single = state
        n_streams, values = is_single.shape[0], chunk.values
        if values.shape[0]:
            has_steps = chunk.offsets[1:] > chunk.offsets[:-1]
            is_single = torch.where(has_steps, values.dtype == torch.float32, is_single)
        else:  # of any width
            values = waiting[0].new_empty(0, waiting[0].shape[2])
        windows, offsets, rest = slide(Waiting(*waiting), values.double(), chunk.offsets, stride=self._factor)
        stream = stream_of_steps(offsets, windows.shape[0]).repeat_interleave(self._factor)
        parts = [(windows.flatten(0, 1), stream)]
        if last:
            within = torch.arange(self._factor - 1, 0, -1, device=stream.device)
            left = within <= rest.n_needed[:, None]  # (n_streams, factor - 1)
            parts.append((rest.steps[left], left.nonzero()[:, 0]))
        steps, offsets = merged(parts, n_streams)
        complete = Sequences.unchecked(steps.float() if bool(is_single.all()) else steps, offsets)
        return (*rest, is_single), self._reduced(complete)

    def _reduced(self, complete: Sequences) -> Sequences:
        """Return one step for each `factor` steps, as the transformer makes it of whole sequences."""
        return self._transformer.transform(complete) if complete.values.shape[0] else complete
