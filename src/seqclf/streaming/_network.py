"""A network that reads its sequences piece by piece: steps in, logits out."""

from __future__ import annotations

import hashlib

from torch import Tensor, cat, nn, no_grad

from seqclf.nn import SequenceNetwork, prepared
from seqclf.sequences import Sequences
from seqclf.streaming._chain import Chain, EachStep, push_some
from seqclf.streaming._protocol import State
from seqclf.streaming._registry import check_as_is, pooling_stepper_of, stepper_of
from seqclf.training import device_of


class NetworkStepper:
    """A copy of a network in evaluation mode, and how its state changes with each step.

    Parameters
    ----------
    network : SequenceNetwork
        Later changes of its weights have no effect.
    probe : Sequences
        Any sequences that the network accepts; used to find out how many features its states have.

    Raises
    ------
    TypeError, ValueError
        If the network, or one of its components, cannot read a sequence piece by piece.
    """

    def __init__(self, network: nn.Module, probe: Sequences) -> None:
        if type(network) is not SequenceNetwork:
            raise TypeError(
                f"A network that streams must be a `seqclf.nn.SequenceNetwork`; got {type(network).__name__}. Build it from an encoder, a "
                "pooling and a head; custom ones need a method `stepper()`."
            )
        check_as_is(network)
        self._network = own = prepared(network)
        self._device = device_of(own)
        self._is_on_cpu = self._device.type == "cpu"
        to_steps = EachStep(Sequences.static_to_steps) if own.static in ("steps", "both") else None
        parts = [
            None if part is None else stepper_of(part) for part in (own.embedding, own.stem, own.encoder)
        ]
        self._chain = Chain([part for part in (parts[0], to_steps, *parts[1:]) if part is not None])
        self._pooling = pooling_stepper_of(own.pooling)
        self._static_to_head = own.static in ("head", "both")
        self.looks_ahead: bool = self._chain.looks_ahead
        self._n_parts = len(self._chain.start(1))
        probe = probe.to(self._device)
        start = self._to_device(self._chain.start(len(probe)))
        with no_grad():
            self._n_features = self._chain.push(start, probe, last=True)[1].n_features
            self.n_classes: int = int(own(probe).shape[1])

    def start(self, n_streams: int) -> State:
        """Return the state before the first step of each stream."""
        pooled = self._pooling.start(n_streams, self._n_features)
        return self._to_device((*self._chain.start(n_streams), *pooled))

    def push(self, state: State, chunk: Sequences, *, last: bool = False) -> State:
        """Return the state after a chunk, with the static features of each stream; with `last`, after its end."""
        chained, pooled = state[: self._n_parts], state[self._n_parts :]
        chained, states = self._chain.push(
            chained, chunk if self._is_on_cpu else chunk.to(self._device), last=last
        )
        if states.values.shape[0]:
            pooled, _ = push_some(self._pool, pooled, states)
        return (*chained, *pooled)

    def logits(self, state: State, static: Tensor | None) -> Tensor:
        """Return logits of the steps so far, (n_streams, n_classes), on the CPU."""
        summary = self._pooling.summary(state[self._n_parts :])
        if static is not None and self._static_to_head:
            summary = cat([summary, static.to(self._device)], dim=1)
        logits: Tensor = self._network.head(summary)
        return logits if self._is_on_cpu else logits.cpu()

    def fingerprint(self) -> str:
        """Return a number that depends on all weights."""
        digest = hashlib.blake2b(digest_size=8)
        for name, weight in self._network.state_dict().items():
            digest.update(name.encode())
            digest.update(weight.detach().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()

    def _pool(self, state: State, states: Sequences) -> tuple[State, Sequences]:
        return self._pooling.push(state, states), states

    def _to_device(self, state: State) -> State:
        if self._is_on_cpu:
            return state
        return tuple(part.to(self._device) for part in state)
