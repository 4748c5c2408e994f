"""`PackedSequence` -> `Sequences`."""

from __future__ import annotations

from torch.nn.utils.rnn import PackedSequence

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences
from seqclf.sequences.convert._ragged import from_ragged
from seqclf.sequences.padding import unpack


def from_packed(packed: PackedSequence) -> Sequences:
    """Convert to detached float32 values; sequences are in the order in which they were packed."""
    if packed.data.is_complex():
        raise InvalidSequenceError(
            f"Complex data not supported: every value must be real; got {packed.data.dtype}. "
            "Pass the real and the imaginary part as two features."
        )
    unpacked = unpack(packed)
    return from_ragged(unpacked.values.detach(), unpacked.offsets)
