"""Steps in as they arrive, probabilities of the sequences so far out; `model.stream()` opens a stream."""

from seqclf.streaming._chain import Chain, EachStep
from seqclf.streaming._network import NetworkStepper
from seqclf.streaming._protocol import PoolingStepper, State, Stepper
from seqclf.streaming._read import ChunkReader
from seqclf.streaming._registry import stepper_of
from seqclf.streaming._state import StreamState
from seqclf.streaming._stream import Stream

__all__ = [
    "Chain",
    "ChunkReader",
    "EachStep",
    "NetworkStepper",
    "PoolingStepper",
    "State",
    "Stepper",
    "Stream",
    "StreamState",
    "stepper_of",
]
