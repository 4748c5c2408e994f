"""The recurrent encoder: its state is that of its layers."""

from __future__ import annotations

import torch

from seqclf.kernels import RecurrentState
from seqclf.nn import RecurrentEncoder
from seqclf.sequences import Sequences
from seqclf.streaming._protocol import State


class EncoderStepper:
    """Runs the layers from the state of the push before."""

    looks_ahead = False

    def __init__(self, encoder: RecurrentEncoder) -> None:
        self._encoder = encoder
        self._parts = 2 if isinstance(encoder.layers[0], torch.nn.LSTM) else 1

    def start(self, n_streams: int) -> State:
        """Return zeros: for each layer the hidden state and, for an LSTM, the cell state."""
        n_tensors = self._parts * len(self._encoder.layers)
        shape = (n_streams, self._encoder.hidden_size)
        return tuple(torch.zeros(shape, dtype=torch.float32, device="cpu") for _ in range(n_tensors))

    def push(self, state: State, chunk: Sequences, *, last: bool = False) -> tuple[State, Sequences]:
        """Return the states at the new steps."""
        parts = self._parts
        initial = [RecurrentState(*state[i : i + parts]) for i in range(0, len(state), parts)]
        states, final = self._encoder.run(chunk, initial)
        return tuple(part for layer in final for part in layer[:parts] if part is not None), states
