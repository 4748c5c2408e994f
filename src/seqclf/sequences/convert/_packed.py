"""`PackedSequence` -> `Sequences`."""

from __future__ import annotations

from torch.nn.utils.rnn import PackedSequence

from seqclf.sequences._container import Sequences
from seqclf.sequences.convert._ragged import from_ragged
from seqclf.sequences.padding import unpack


def from_packed(packed: PackedSequence) -> Sequences:
    """Convert to detached float32 values; sequences are in the order in which they were packed."""
    unpacked = unpack(packed)
    return from_ragged(unpacked.values.detach(), unpacked.offsets)
