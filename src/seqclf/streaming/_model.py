"""What a fitted model computes of streams: their state after new steps, and its probabilities."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences
from seqclf.streaming._network import NetworkStepper
from seqclf.streaming._protocol import State, Stepper, no_steps, rows_of


class StreamedModel:
    """Scaling, network and probabilities.

    Its state is the number of steps that each stream has read, its static features, and the states of steppers and network.
    """

    def __init__(
        self,
        network: NetworkStepper,
        steppers: Stepper,
        activate: Callable[[Tensor], NDArray[np.float64]],
        n_static: int,
    ) -> None:
        self._network, self._steppers, self._activate = network, steppers, activate
        self._looks_ahead = network.looks_ahead or steppers.looks_ahead
        self._n_parts = len(steppers.start(1))
        self._n_static = n_static
        self.fingerprint = network.fingerprint

    def start(self, n_streams: int) -> State:
        """Return the state before the first step; static features are NaN."""
        n_steps = torch.zeros(n_streams, dtype=torch.int64, device="cpu")
        static = torch.full((n_streams, self._n_static), torch.nan, dtype=torch.float32, device="cpu")
        return n_steps, static, *self._steppers.start(n_streams), *self._network.start(n_streams)

    def advance(self, state: State, steps: Sequences, *, last: bool = False) -> State:
        """Return the state after new steps; with `last`, after the end of the sequences."""
        n_steps, static, *parts = state
        prepared, networks = tuple(parts[: self._n_parts]), tuple(parts[self._n_parts :])
        if steps.values.shape[0] or (last and self._looks_ahead):
            n_steps = n_steps + steps.offsets.diff()
            prepared, steps = self._steppers.push(prepared, steps, last=last)
            of_streams = static if self._n_static else None
            steps = Sequences.unchecked(steps.values, steps.offsets, of_streams, steps.tokens)
            networks = self._network.push(networks, steps, last=last)
        return n_steps, static, *prepared, *networks

    def predict(self, state: State) -> NDArray[np.float64]:
        """Return the probabilities as if the sequences ended here; NaN for those without steps."""
        n_steps, static = state[:2]
        has_begun = n_steps > 0
        if not bool(has_begun.all()):
            rows = has_begun.nonzero()[:, 0]
            proba = np.full((len(n_steps), self._network.n_classes), np.nan)
            if len(rows):
                proba[rows.numpy()] = self.predict(rows_of(state, rows))
            return proba
        if self._looks_ahead:
            state = self.advance(state, no_steps(n_steps.shape[0]), last=True)
        logits = self._network.logits(state[2 + self._n_parts :], static if self._n_static else None)
        return self._activate(logits)

    def check_static(self, state: State, index: Tensor | None) -> None:
        """Raise unless all streams have the static features that the model needs."""
        if not self._n_static or not bool(state[1].isnan().any()):
            return
        row = int(state[1].isnan().any(dim=1).nonzero()[0])
        number = row if index is None else int(index[row])
        plural = "" if self._n_static == 1 else "s"
        raise InvalidSequenceError(
            f"Every stream must have its {self._n_static} static feature{plural} before its first step; got none for stream {number}. "
            f"Call `stream.reset([{number}], static=[...])` when its sequence begins."
        )
